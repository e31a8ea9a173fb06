"""Settings of the notifier: WCOPLAN_NOTIFIER__<NAME>."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared_kit.settings import DEFAULT_PORTS, ServiceSettings, default_url


class Settings(ServiceSettings):
    """What the notifier can be told from outside."""

    model_config = SettingsConfigDict(env_prefix="WCOPLAN_NOTIFIER__", frozen=True, extra="ignore")

    port: int = Field(default=DEFAULT_PORTS["notifier"], ge=0, le=65_535)
    event_source: str = Field(
        default="/wcoplan/notifier", description="CloudEvents source of what the notifier says."
    )
    mail_dir: Path = Field(
        default=Path("var/mail"), description="Folder that notices are written to as .eml files."
    )
    mail_from: str = Field(default="strategic-plan@wcoplan.invalid")
    mail_domain: str = Field(
        default="wcoplan.invalid",
        pattern=r"^[A-Za-z0-9.-]+$",
        description="Right-hand side of Message-IDs.",
    )
    base_url: str = Field(
        default=default_url("plan-api"), description="Address of the pages that mails lead to."
    )
    operators_unit: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,79})?$",
        description="Code of the unit that runs the system: it is told of figures that are not "
        "what the facts say. Empty: they are in the inbox, addressed to no unit.",
    )
    demo: bool = Field(
        default=False, description="Messages say that this is a demonstration on synthetic data."
    )
    stream_limit: int = Field(
        default=1000, ge=1, le=100_000, description="Streams that one process keeps open."
    )
