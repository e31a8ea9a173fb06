"""The event log: the port and its two adapters."""
