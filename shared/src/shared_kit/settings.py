"""What every service can be told from outside; each service adds its own prefix and fields."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class SettingFileError(ValueError):
    """A variable <NAME>_FILE cannot be followed; the message names the variable."""


class OutsideSettings(BaseSettings):
    """Settings read from variables, or from the file that <NAME>_FILE names: for secrets."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        named = _NamedFiles(settings_cls)
        return init_settings, env_settings, named, dotenv_settings, file_secret_settings


class _NamedFiles(PydanticBaseSettingsSource):
    """Reads a setting from the file that its variable with _FILE behind it names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{self.config.get('env_prefix', '')}{field_name}".upper()
        path = os.environ.get(f"{variable}_FILE", "")
        if not path:
            return None, field_name, self.field_is_complex(field)
        if variable in os.environ:
            raise SettingFileError(f"set {variable} or {variable}_FILE, not both")
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingFileError(f"{variable}_FILE: {path} cannot be read") from error
        # Editors and `echo` end a file with a line break; no setting does.
        return text.rstrip("\r\n"), field_name, self.field_is_complex(field)

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


DEFAULT_PORTS: Final[Mapping[str, int]] = {"plan-api": 8000, "kpi-engine": 8001, "notifier": 8002}
"""Where the services listen unless they are told otherwise: side by side on one machine."""


def default_url(service: str) -> str:
    """Where a service is looked for unless it is said where it is."""
    return f"http://127.0.0.1:{DEFAULT_PORTS[service]}"


class ServiceSettings(OutsideSettings):
    """Settings common to the three services, read from WCOPLAN_<SERVICE>__<NAME>."""

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
    outbox_keep: timedelta = Field(
        default=timedelta(days=7),
        ge=timedelta(0),
        description="How long a sent row stays in the outbox (P7D, or seconds), for a look back.",
    )
    host: str = "127.0.0.1"
    port: int = Field(default=DEFAULT_PORTS["plan-api"], ge=0, le=65_535)
    cursor_key: SecretStr = Field(
        default=SecretStr(""), description="Signs paging cursors; empty: a new key each start."
    )
