"""What the welcome page says, and offers, of a practice that could not be opened. No widgets."""

from __future__ import annotations

from pathlib import Path

from app.config import DATABASE_FILE
from app.domain.errors import DatabaseAway, DatabaseDamaged, NoPractice, NoSpine, StorageBusy
from app.ui.front.welcome_model import LACKS_PRACTICE, LACKS_SPINE, Trouble

_BACKUP_FOLDER = "backups"


def trouble_of(error: BaseException, words: str, folder: Path) -> Trouble | None:
    """What to say of an `error` that was put into `words`; None where the folder is simply an empty one."""
    may_be_mended = isinstance(error, DatabaseDamaged)
    if may_be_mended and not (folder / DATABASE_FILE).exists() and not (folder / _BACKUP_FOLDER).is_dir():
        return None
    if isinstance(error, NoSpine):
        return Trouble(folder, LACKS_SPINE, lacks_spine=True)
    if isinstance(error, NoPractice):
        return Trouble(folder, LACKS_PRACTICE, lacks_practice=True)
    return Trouble(folder, words, looks_for_backup=may_be_mended, passes=isinstance(error, DatabaseAway | StorageBusy))
