"""Which errors are told in their own words, and which are nobody's fault but the program's."""

from __future__ import annotations

from app.config import SettingsError
from app.domain.errors import KnownError


def words_of(error: BaseException | None) -> str:
    """The words of an error that staff can understand and act on; empty for any other, and for none."""
    return str(error) if isinstance(error, KnownError | SettingsError) else ""
