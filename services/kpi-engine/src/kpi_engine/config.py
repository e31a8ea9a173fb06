"""What kpi-engine can be told from outside: WCOPLAN_KPI_ENGINE__<NAME>."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared_kit.settings import DEFAULT_PORTS, ServiceSettings


class Settings(ServiceSettings):
    """Settings of kpi-engine beside those of every service."""

    model_config = SettingsConfigDict(
        env_prefix="WCOPLAN_KPI_ENGINE__", frozen=True, extra="ignore"
    )

    port: int = Field(default=DEFAULT_PORTS["kpi-engine"], ge=0, le=65_535)
    event_source: str = Field(
        default="/wcoplan/kpi-engine", description="CloudEvents source of what the engine says."
    )
    max_records: int = Field(default=5000, ge=1, le=50_000, description="Records a transaction.")
    judge_batch: int = Field(default=500, ge=1, le=5000, description="Judgements a transaction.")
    judge_pause: timedelta = Field(
        default=timedelta(milliseconds=50),
        description="Shortest time between two rounds of judging while facts keep coming.",
    )
    sweep: timedelta = Field(
        default=timedelta(milliseconds=500),
        description="How often marks and the business day are looked at without a wake-up.",
    )
    reconcile_wait: timedelta = Field(
        default=timedelta(seconds=60),
        description="How long all must be quiet after a day's judging before the figures are held "
        "against the ledger.",
    )
    reconcile_limit: timedelta = Field(
        default=timedelta(hours=1), description="A check that takes longer is given up."
    )
