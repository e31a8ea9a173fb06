"""The engine's read API, over ports."""
