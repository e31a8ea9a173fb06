"""How the engine's ports are met: SQL on PostgreSQL, set-based."""
