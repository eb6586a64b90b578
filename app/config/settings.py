"""The settings in force for a data folder: which value counts, and where it comes from.

A flag goes before the environment (`SCR_BULK_<KEY>`), that before `config.toml` in the data folder, that before the
default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import platformdirs

from app.config.config_file import CONFIG_FILE, SettingsError, read_config_file
from app.config.declared import DECLARED, Setting

ENVIRONMENT_PREFIX = "SCR_BULK_"
DATABASE_FILE = "practice.db"


class Source(Enum):
    """Where the value of a setting comes from; the later goes before the earlier."""

    DEFAULT = "the defaults"
    FILE = f"{CONFIG_FILE} in the data folder"
    ENVIRONMENT = "the environment"
    FLAG = "the command line"


@dataclass(frozen=True, slots=True)
class Given:
    """What a setting is set to, as text, and where that comes from; `filed` is what the file says, None for nothing."""

    setting: Setting
    text: str
    source: Source
    filed: str | None = None

    @property
    def outranks_file(self) -> bool:
        """Whether what stands in the file does not count at present."""
        return self.source in {Source.ENVIRONMENT, Source.FLAG}

    @property
    def place(self) -> str:
        """Where the value comes from, in words."""
        if self.source is Source.ENVIRONMENT:
            return f"{self.source.value} ({ENVIRONMENT_PREFIX}{self.setting.key})"
        return str(self.source.value)


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
    application_reads: bool
    notify_trouble: bool
    notify_progress: bool
    proxy: str
    ca_bundle: str
    client_certificate: str

    @property
    def database_file(self) -> Path:
        """The practice database of this folder."""
        return self.data_dir / DATABASE_FILE


def default_data_dir() -> Path:
    """Where the program keeps a practice when nobody says otherwise."""
    return Path(platformdirs.user_data_dir("scr-bulk", appauthor=False))


def given_settings(
    data_dir: Path,
    flags: Mapping[str, str | None] | None = None,
    environment: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> list[Given]:
    """Every declared setting as it is set, usable or not; see `load_settings` for the arguments.

    Raises `SettingsError` for a file that cannot be read or has a key nobody declared.
    """
    environment = os.environ if environment is None else environment
    filed = read_config_file(data_dir)
    return [_given(setting, filed, flags or {}, environment, defaults or {}) for setting in DECLARED]


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
    values = {
        given.setting.key.lower(): _parse(given) for given in given_settings(data_dir, flags, environment, defaults)
    }
    return Settings(data_dir=data_dir, **values)


def _given(
    setting: Setting,
    filed: Mapping[str, str],
    flags: Mapping[str, str | None],
    environment: Mapping[str, str],
    defaults: Mapping[str, str],
) -> Given:
    key, in_file = setting.key, filed.get(setting.key)
    text, source = defaults.get(key, setting.default), Source.DEFAULT
    if in_file is not None:
        text, source = in_file, Source.FILE
    if (from_environment := environment.get(ENVIRONMENT_PREFIX + key)) is not None:
        text, source = from_environment, Source.ENVIRONMENT
    if (flag := flags.get(key)) is not None:
        text, source = flag, Source.FLAG
    return Given(setting, text, source, in_file)


def _parse(given: Given) -> Any:
    setting = given.setting
    try:
        return setting.parse(given.text)
    except ValueError:
        raise SettingsError(
            f"The setting {setting.key} ({setting.label}) in {given.place} cannot be used. It takes {setting.allowed}."
        ) from None
