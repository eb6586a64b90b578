"""The settings, each declared once: key, default, what it means, and what may stand in it.

A flag goes before the environment (`SCR_BULK_<KEY>`), that before `config.toml` in the data folder, that before the
default. No Qt, no SQL, no HTTP here; where a setting is used is its user's affair.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

ENVIRONMENT_PREFIX = "SCR_BULK_"
CONFIG_FILE = "config.toml"


class SettingsError(Exception):
    """A setting cannot be used; the text names it, where it stands and what may stand there."""


def _text(value: str) -> str:
    return value.strip()


def _number(minimum: float, maximum: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        number = float(value)
        if not minimum <= number <= maximum:
            raise ValueError
        return number

    return parse


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        number = int(value)
        if not minimum <= number <= maximum:
            raise ValueError
        return number

    return parse


def _delays(value: str) -> tuple[float, ...]:
    delays = tuple(float(part) for part in value.split(",") if part.strip())
    if any(not 0 <= delay <= 86_400 for delay in delays):
        raise ValueError
    return delays


def _codes(value: str) -> frozenset[str]:
    codes = frozenset(part.strip().upper() for part in value.replace(";", ",").split(",") if part.strip())
    if not codes or not all(len(code) == 5 and code[0] == "B" and code[1:].isdigit() for code in codes):
        raise ValueError
    return codes


def _yes_no(value: str) -> bool:
    word = value.strip().lower()
    if word in {"true", "yes", "on", "1"}:
        return True
    if word in {"false", "no", "off", "0"}:
        return False
    raise ValueError


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting. `allowed` says in words what may stand in it; `parse` raises `ValueError` otherwise."""

    key: str
    default: str
    parse: Callable[[str], Any]
    label: str
    allowed: str


DECLARED: tuple[Setting, ...] = (
    Setting("SPINE_URL", "", _text, "Address of the Spine", "a web address, or nothing for the simulated Spine"),
    Setting("AUTH_URL", "", _text, "Address of the sign-in service", "a web address, or none for the NHS sandbox"),
    Setting("REQUESTS_PER_SECOND", "5", _number(0, 1000), "Requests a second", "a number from 0 (no limit) to 1000"),
    Setting("CONCURRENCY", "4", _whole(1, 16), "Requests at the same time", "a whole number from 1 to 16"),
    Setting("CONNECT_TIMEOUT_SECONDS", "10", _number(0.1, 120), "Longest wait for a connection", "0.1 to 120 seconds"),
    Setting("READ_TIMEOUT_SECONDS", "65", _number(0.1, 600), "Longest silence of the Spine", "0.1 to 600 seconds"),
    Setting("DEADLINE_SECONDS", "75", _number(0.2, 900), "Longest time for one request", "0.2 to 900 seconds"),
    Setting("SETTLE_SECONDS", "75", _number(0, 3600), "Wait before reading back", "0 to 3600 seconds"),
    Setting("RETRY_DELAYS_SECONDS", "1,4,60,300", _delays, "Waits between tries", "seconds, with commas: 1,4,60,300"),
    Setting("MAX_WAIT_SECONDS", "900", _number(0, 86_400), "Longest wait in an outage", "0 to 86400 seconds"),
    Setting("DATABASE_URL", "", _text, "Shared practice database", "a database address, or nothing for a local file"),
    Setting("LAUNCH_ACTIVITY_CODES", "B0062", _codes, "Activities that may launch", "codes with commas, such as B0062"),
    Setting("SCR_ENABLED", "true", _yes_no, "Summary Care Record switched on", "true or false"),
    Setting("PROXY", "", _text, "Proxy for the Spine", "a web address, or nothing"),
    Setting("CA_BUNDLE", "", _text, "Further trusted certificates", "a file, or nothing"),
)

_BY_KEY = {setting.key: setting for setting in DECLARED}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force, and the folder they belong to. Times in seconds."""

    data_dir: Path
    spine_url: str
    auth_url: str
    requests_per_second: float
    concurrency: int
    connect_timeout_seconds: float
    read_timeout_seconds: float
    deadline_seconds: float
    settle_seconds: float
    retry_delays_seconds: tuple[float, ...]
    max_wait_seconds: float
    database_url: str
    launch_activity_codes: frozenset[str]
    scr_enabled: bool
    proxy: str
    ca_bundle: str

    @property
    def database_file(self) -> Path:
        """The practice database of this folder."""
        return self.data_dir / "practice.db"


def default_data_dir() -> Path:
    """Where the program keeps a practice when nobody says otherwise."""
    return Path(platformdirs.user_data_dir("scr-bulk", appauthor=False))


def load_settings(
    data_dir: Path,
    flags: Mapping[str, str | None] | None = None,
    environment: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Settings:
    """The settings in force for a data folder.

    `flags` holds values given on the command line by key, None where a flag was not given; `defaults` take the place
    of declared ones. Raises `SettingsError` for a value that cannot be used, a key nobody declared, or an unreadable
    file.
    """
    environment = os.environ if environment is None else environment
    filed = _read_file(data_dir / CONFIG_FILE)
    values: dict[str, Any] = {}
    for setting in DECLARED:
        given, place = (defaults or {}).get(setting.key, setting.default), "the defaults"
        if setting.key in filed:
            given, place = filed[setting.key], f"{CONFIG_FILE} in the data folder"
        if (from_environment := environment.get(ENVIRONMENT_PREFIX + setting.key)) is not None:
            given, place = from_environment, f"the environment ({ENVIRONMENT_PREFIX}{setting.key})"
        if flags and (flag := flags.get(setting.key)) is not None:
            given, place = flag, "the command line"
        values[setting.key.lower()] = _parse(setting, given, place)
    return Settings(data_dir=data_dir, **values)


def _parse(setting: Setting, given: str, place: str) -> Any:
    try:
        return setting.parse(given)
    except ValueError:
        raise SettingsError(
            f"The setting {setting.key} ({setting.label}) in {place} cannot be used. It takes {setting.allowed}."
        ) from None


def _read_file(path: Path) -> dict[str, str]:
    """The file's values as text by key, in any letter case; an absent file has none."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SettingsError(
            f"{CONFIG_FILE} in the data folder cannot be read. Correct it or move it away, then start again."
        ) from None
    values: dict[str, str] = {}
    for key, value in content.items():
        if key.upper() not in _BY_KEY:
            raise SettingsError(f"{CONFIG_FILE} in the data folder has a setting nobody knows: {key}.")
        values[key.upper()] = _as_text(value)
    return values


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(part) for part in value)
    return str(value)
