"""The settings: flag over environment over file over default, and clear words for what cannot be used (design, 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import DECLARED, SettingsError, load_settings


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_defaults_are_the_documented_ones(tmp_path: Path):
    settings = load_settings(tmp_path, environment={})
    assert settings.requests_per_second == 5
    assert settings.concurrency == 4
    assert settings.connect_timeout_seconds == 10
    assert settings.read_timeout_seconds == 65
    assert settings.deadline_seconds == 75
    assert settings.settle_seconds == 75
    assert settings.retry_delays_seconds == (1, 4, 60, 300)
    assert settings.max_wait_seconds == 900
    assert settings.launch_activity_codes == {"B0062"}
    assert settings.scr_enabled is True
    assert settings.spine_url == settings.auth_url == settings.database_url == ""


def test_a_flag_goes_before_the_environment_before_the_file_before_the_default(tmp_path: Path):
    write(tmp_path, 'concurrency = 2\nspine_url = "https://file.example"\nsettle_seconds = 7\n')
    environment = {"SCR_BULK_CONCURRENCY": "3", "SCR_BULK_SPINE_URL": "https://environment.example"}
    flags = {"SPINE_URL": "https://flag.example", "AUTH_URL": None}
    settings = load_settings(tmp_path, flags, environment)
    assert settings.spine_url == "https://flag.example"
    assert settings.concurrency == 3
    assert settings.settle_seconds == 7
    assert settings.auth_url == ""


def test_the_file_takes_the_types_of_its_format(tmp_path: Path):
    write(
        tmp_path,
        "REQUESTS_PER_SECOND = 2.5\nSCR_ENABLED = false\nRETRY_DELAYS_SECONDS = [1, 2]\n"
        'LAUNCH_ACTIVITY_CODES = ["B0062", "b0380"]\n',
    )
    settings = load_settings(tmp_path, environment={})
    assert settings.requests_per_second == 2.5
    assert settings.scr_enabled is False
    assert settings.retry_delays_seconds == (1, 2)
    assert settings.launch_activity_codes == {"B0062", "B0380"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("REQUESTS_PER_SECOND", "-1"),
        ("REQUESTS_PER_SECOND", "fast"),
        ("REQUESTS_PER_SECOND", "nan"),
        ("CONCURRENCY", "0"),
        ("CONCURRENCY", "17"),
        ("CONCURRENCY", "2.5"),
        ("RETRY_DELAYS_SECONDS", "1,soon"),
        ("RETRY_DELAYS_SECONDS", "-1"),
        ("LAUNCH_ACTIVITY_CODES", ""),
        ("LAUNCH_ACTIVITY_CODES", "62"),
        ("SCR_ENABLED", "perhaps"),
        ("DEADLINE_SECONDS", "0"),
    ],
)
def test_an_unusable_value_is_named_with_its_place_and_what_may_stand_there(tmp_path: Path, key: str, value: str):
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path, environment={f"SCR_BULK_{key}": value})
    words = str(caught.value)
    declared = next(setting for setting in DECLARED if setting.key == key)
    assert key in words
    assert "environment" in words
    assert declared.allowed in words


@pytest.mark.parametrize("text", ["concurrency = ", "CONCURENCY = 4", "\x00"])
def test_an_unreadable_file_or_unknown_key_is_refused(tmp_path: Path, text: str):
    with pytest.raises(SettingsError, match=r"config\.toml"):
        load_settings(write(tmp_path, text), environment={})


def test_every_declared_setting_has_its_field_and_a_usable_default(tmp_path: Path):
    settings = load_settings(tmp_path, environment={})
    for declared in DECLARED:
        assert hasattr(settings, declared.key.lower())
        assert declared.label
        assert declared.allowed


def test_other_defaults_stand_below_everything_else(tmp_path: Path):
    defaults = {"REQUESTS_PER_SECOND": "20"}
    assert load_settings(tmp_path, environment={}, defaults=defaults).requests_per_second == 20
    given = load_settings(tmp_path, environment={"SCR_BULK_REQUESTS_PER_SECOND": "5"}, defaults=defaults)
    assert given.requests_per_second == 5
