"""Where the migrations run: the tables they are compared with."""

import plan_api.directory.tables
import plan_api.implementation.tables
import plan_api.plans.tables  # noqa: F401 - the imports fill the metadata
from plan_api.core.tables import Row
from shared_kit.db.migrate import run_env

run_env(metadata=Row.metadata, package="plan_api")
