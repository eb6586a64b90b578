"""The settings: flag over environment over file over default, and clear words for what cannot be used (design, 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import DECLARED, SettingsError, Source, change_config_file, given_settings, load_settings


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


def test_each_setting_tells_where_its_value_comes_from(tmp_path: Path):
    write(tmp_path, "concurrency = 2\nSETTLE_SECONDS = 7\nDEADLINE_SECONDS = 80\n")
    environment = {"SCR_BULK_CONCURRENCY": "3", "SCR_BULK_PROXY": "http://proxy.example"}
    told = {
        one.setting.key: one
        for one in given_settings(tmp_path, {"DEADLINE_SECONDS": "90"}, environment, {"REQUESTS_PER_SECOND": "20"})
    }
    assert list(told) == [setting.key for setting in DECLARED]
    found = {key: (one.text, one.source, one.filed, one.outranks_file) for key, one in told.items()}
    assert found["CONCURRENCY"] == ("3", Source.ENVIRONMENT, "2", True)
    assert found["PROXY"] == ("http://proxy.example", Source.ENVIRONMENT, None, True)
    assert found["SETTLE_SECONDS"] == ("7", Source.FILE, "7", False)
    assert found["DEADLINE_SECONDS"] == ("90", Source.FLAG, "80", True)
    assert found["REQUESTS_PER_SECOND"] == ("20", Source.DEFAULT, None, False)
    assert "SCR_BULK_CONCURRENCY" in told["CONCURRENCY"].place
    assert "config.toml" in told["SETTLE_SECONDS"].place


def test_what_cannot_be_used_is_told_and_not_hidden(tmp_path: Path):
    write(tmp_path, 'concurrency = "many"\n')
    told = {one.setting.key: one for one in given_settings(tmp_path, environment={})}["CONCURRENCY"]
    assert told.text == "many"
    assert "1 to 16" in str(told.setting.fault_of(told.text))
    assert told.setting.fault_of("4") is None


FILED = """# How this practice is set up. Ask Sam before changing it.
concurrency = 2   # the line is slow

SPINE_URL = "https://spine.example/path"
retry_delays_seconds = [
    1,
    2,  # then longer
]
# the end
"""


def test_a_change_keeps_everything_else_in_the_file(tmp_path: Path):
    write(tmp_path, FILED)
    changes = {"SPINE_URL": "https://other.example", "SCR_ENABLED": "false", "REQUESTS_PER_SECOND": "2.5"}
    change_config_file(tmp_path, changes)
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert text == FILED.replace("https://spine.example/path", "https://other.example") + (
        "scr_enabled = false\nrequests_per_second = 2.5\n"
    )
    settings = load_settings(tmp_path, environment={})
    assert (settings.spine_url, settings.scr_enabled, settings.concurrency) == ("https://other.example", False, 2)
    assert settings.requests_per_second == 2.5
    assert settings.retry_delays_seconds == (1, 2)


def test_a_setting_taken_out_of_the_file_has_its_default_again(tmp_path: Path):
    write(tmp_path, FILED)
    change_config_file(tmp_path, {"CONCURRENCY": None, "RETRY_DELAYS_SECONDS": None, "PROXY": None})
    text = (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert "concurrency" not in text
    assert "Ask Sam" in text
    settings = load_settings(tmp_path, environment={})
    assert settings.concurrency == 4
    assert settings.retry_delays_seconds == (1, 4, 60, 300)


@pytest.mark.parametrize("setting", DECLARED, ids=lambda setting: setting.key)
def test_every_setting_can_be_written_and_read_again(tmp_path: Path, setting):
    change_config_file(tmp_path / "new", {setting.key: setting.default})
    told = {one.setting.key: one for one in given_settings(tmp_path / "new", environment={})}[setting.key]
    assert told.source is Source.FILE
    assert setting.parse(told.text) == setting.parse(setting.default)


def test_a_text_that_looks_like_a_number_stays_a_text(tmp_path: Path):
    change_config_file(tmp_path, {"PROXY": "0062", "CONCURRENCY": "8"})
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == 'proxy = "0062"\nconcurrency = 8\n'


@pytest.mark.parametrize("text", ["concurrency = ", "\x00"])
def test_a_damaged_file_is_not_written_over(tmp_path: Path, text: str):
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        change_config_file(tmp_path, {"CONCURRENCY": "2"})
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == text


def test_a_file_that_cannot_be_written_is_told_and_left_alone(tmp_path: Path, monkeypatch):
    write(tmp_path, FILED)

    def fail(self: Path, target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SettingsError, match="could not be written"):
        change_config_file(tmp_path, {"CONCURRENCY": "8"})
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]
    assert (tmp_path / "config.toml").read_text(encoding="utf-8") == FILED


def test_a_change_keeps_a_file_of_windows_readable(tmp_path: Path):
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbfconcurrency = 2\r\nproxy = ""\r\n')
    change_config_file(tmp_path, {"CONCURRENCY": "3"})
    assert load_settings(tmp_path, environment={}).concurrency == 3
