"""The demonstration's year: what the article names, a synthetic complement, and the days."""
