"""The database: engine, naming convention, column types, migrations."""
