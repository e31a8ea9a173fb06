"""The engine's steps: ingest, judge, open a day, rebuild, explain."""
