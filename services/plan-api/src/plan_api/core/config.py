"""Settings of plan-api, read from WCOPLAN_PLAN_API__<NAME>."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared_kit.settings import ServiceSettings, default_url


class Settings(ServiceSettings):
    """What plan-api can be told from outside."""

    model_config = SettingsConfigDict(env_prefix="WCOPLAN_PLAN_API__", frozen=True, extra="ignore")

    event_source: str = Field(
        default="urn:wcoplan:plan-api",
        min_length=1,
        max_length=200,
        description="CloudEvents source of the events that plan-api itself states.",
    )
    package_data: bool = Field(
        default=True,
        description="Publish the plans and enter the directory that come with the package.",
    )
    engine_url: str = Field(
        default=default_url("kpi-engine"),
        description="Base of kpi-engine's API; the report reads its figures there.",
    )
    notifier_url: str = Field(
        default=default_url("notifier"),
        description="Base of notifier's API; the report reads alerts there.",
    )
