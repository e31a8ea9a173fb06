"""Migrations of the engine's own database."""
