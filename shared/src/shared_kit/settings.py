"""What every service can be told from outside; each service adds its own prefix and fields."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings common to the three services, read from WCOPLAN_<SERVICE>__<NAME>."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: str = Field(
        default="postgresql+asyncpg://postgres@127.0.0.1:5432/postgres",
        description="SQLAlchemy URL of this service's own database (postgresql+asyncpg).",
    )
    kafka_bootstrap: str = Field(default="", description="host:port[,host:port] of Apache Kafka.")
    kafka_session_timeout_ms: int = Field(default=10_000, ge=1_000, le=300_000)
    topic_prefix: str = Field(default="strategy.", pattern=r"^[a-zA-Z0-9._-]*$")
    auth: Literal["none", "demo", "insecure-dev"] = Field(
        default="none",
        description="Sign-in. Until an issuer can be named, only demo (embedded, loopback) and "
        "insecure-dev start; none refuses to.",
    )
    business_clock: str = Field(
        default="system", description='"system", an ISO instant that stands still, or file:<path>.'
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "pretty"] = "json"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    cursor_key: SecretStr = Field(
        default=SecretStr(""), description="Signs paging cursors; empty: a new key each start."
    )
