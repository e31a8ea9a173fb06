"""Delivery between a service's database and the event log: transactions, outbox, offsets."""
