"""Settings come from variables, or from files that variables name."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from shared_kit.settings import ServiceSettings, SettingFileError


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="WCOPLAN_TRIAL__", frozen=True, extra="ignore")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("postgresql+asyncpg://trial:p%40ss@db/trial\n", "utf-8")
    return path


def test_reads_a_setting_from_the_file_that_a_variable_names(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WCOPLAN_TRIAL__DATABASE_URL_FILE", str(secret))

    assert Settings().database_url == "postgresql+asyncpg://trial:p%40ss@db/trial"


def test_keeps_a_secret_out_of_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("s3cret\r\n", "utf-8")
    monkeypatch.setenv("WCOPLAN_TRIAL__CURSOR_KEY_FILE", str(tmp_path / "key"))

    settings = Settings()

    assert settings.cursor_key.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)


def test_checks_what_a_file_says_as_it_checks_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "port").write_text("70000\n", "utf-8")
    monkeypatch.setenv("WCOPLAN_TRIAL__PORT_FILE", str(tmp_path / "port"))

    with pytest.raises(ValidationError, match="less than or equal to 65535"):
        Settings()


def test_an_empty_name_of_a_file_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WCOPLAN_TRIAL__TOPIC_PREFIX_FILE", "")

    assert Settings().topic_prefix == "strategy."


def test_refuses_a_variable_and_a_file_for_the_same(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WCOPLAN_TRIAL__DATABASE_URL", "postgresql+asyncpg://elsewhere/trial")
    monkeypatch.setenv("WCOPLAN_TRIAL__DATABASE_URL_FILE", str(secret))

    with pytest.raises(SettingFileError, match="WCOPLAN_TRIAL__DATABASE_URL_FILE, not both"):
        Settings()


def test_names_the_variable_of_a_file_that_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WCOPLAN_TRIAL__CURSOR_KEY_FILE", str(tmp_path / "absent"))

    with pytest.raises(SettingFileError, match="WCOPLAN_TRIAL__CURSOR_KEY_FILE"):
        Settings()


def test_a_file_never_stands_in_the_way_of_a_value_that_is_given(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WCOPLAN_TRIAL__DATABASE_URL_FILE", str(secret))

    assert Settings(database_url="postgresql+asyncpg://here/trial").database_url.endswith(
        "//here/trial"
    )
