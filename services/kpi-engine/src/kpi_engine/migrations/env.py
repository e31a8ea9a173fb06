"""Where the migrations run: the tables they are compared with."""

from kpi_engine.adapters.tables import Base
from shared_kit.db.migrate import run_env

run_env(metadata=Base.metadata, package="kpi_engine")
