"""`config.toml` in the data folder: read as text by key, and changed without losing what else stands in it."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.config.declared import DECLARED, Setting

CONFIG_FILE = "config.toml"

_BY_KEY = {setting.key: setting for setting in DECLARED}


class SettingsError(Exception):
    """A setting cannot be used; the text names it, where it stands and what may stand there."""


_UNREADABLE = f"{CONFIG_FILE} in the data folder cannot be read. Correct it or move it away, then start again."


def read_config_file(data_dir: Path) -> dict[str, str]:
    """The file's values as text by key, in any letter case; an absent file has none.

    Raises `SettingsError` for a file that cannot be read, and for a key that nobody declared.
    """
    try:
        content = tomllib.loads(_text_of(data_dir / CONFIG_FILE))
    except tomllib.TOMLDecodeError:
        raise SettingsError(_UNREADABLE) from None
    values: dict[str, str] = {}
    for key, value in content.items():
        if key.upper() not in _BY_KEY:
            raise SettingsError(f"{CONFIG_FILE} in the data folder has a setting nobody knows: {key}.")
        values[key.upper()] = _as_text(value)
    return values


def change_config_file(data_dir: Path, changes: Mapping[str, str | None]) -> None:
    """Write these values into the file, and take out those that are None: the default counts again.

    Keys and values are those of declared settings, and usable. Comments, order and everything else stay as they are;
    the file is whole at every moment, the old or the new one. Raises `SettingsError` for one that cannot be read or
    written.
    """
    # Loaded here because only this needs it.
    import tomlkit
    from tomlkit.exceptions import ParseError

    path = data_dir / CONFIG_FILE
    try:
        document = tomlkit.parse(_text_of(path))
    except ParseError:
        raise SettingsError(_UNREADABLE) from None
    spelled = {key.upper(): key for key in document}
    for key, value in changes.items():
        name = spelled.get(key, key.lower())
        if value is None:
            document.pop(name, None)
        else:
            document[name] = _as_value(_BY_KEY[key], value)
    try:
        _replace(path, tomlkit.dumps(document))
    except OSError:
        raise SettingsError(
            f"{CONFIG_FILE} in the data folder could not be written. Have the rights on the folder checked."
        ) from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise SettingsError(_UNREADABLE) from None


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123 (an open descriptor)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(path)
    finally:
        with suppress(OSError):
            Path(draft).unlink(missing_ok=True)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(part) for part in value)
    return str(value)


def _as_value(setting: Setting, text: str) -> str | bool | int | float:
    """The text as the file writes it: numbers and switches without quotation marks."""
    value = setting.parse(text)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, bool | int | float) else text
