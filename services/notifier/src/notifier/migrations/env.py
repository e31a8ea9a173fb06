"""Where the migrations run: the tables they are compared with."""

from notifier.adapters.tables import Row
from shared_kit.db.migrate import run_env

run_env(metadata=Row.metadata, package="notifier")
