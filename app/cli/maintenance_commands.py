"""The commands that look after a practice: backup, restore, and whether its audit trail is whole."""

from __future__ import annotations

import argparse

from app.bootstrap import (
    back_up_practice,
    move_practice,
    newest_backup,
    practice_database,
    restore_practice,
    see_to_restored,
)
from app.cli.output import OK, say, show
from app.clock import london_text
from app.config import load_settings
from app.domain.errors import DatabaseDamaged, Refused
from app.engine.history_words import verdict_words
from app.engine.long_work import nobody_waits


def back_up(options: argparse.Namespace) -> int:
    """Make a checked copy of the practice database and print its path."""
    settings = load_settings(options.data_dir)
    with practice_database(settings) as files:
        path = back_up_practice(files, options.out)
    show(str(path))
    say("The copy was checked. It names patients: keep it safe.")
    return OK


def restore(options: argparse.Namespace) -> int:
    """Put a backup in the practice database's place; what was there is kept beside it."""
    settings = load_settings(options.data_dir)
    restored = restore_practice(settings, options.file)
    say(f"The practice now stands as in {options.file}.")
    if restored.set_aside is not None:
        say(f"What was there before is kept as {restored.set_aside}.")
    if restored.to_read_back:
        say(
            f"{restored.to_read_back:,} messages were not settled when the backup was made. "
            "They are read back from the Spine before anything is sent for their patients: press Resume or Failed."
        )
    return OK


def move_to_server(options: argparse.Namespace) -> int:
    """Move the practice from this computer's file into a database that several workstations share."""
    settings = load_settings(options.data_dir)
    now_at = move_practice(settings, options.to)
    say(f"The practice is in {now_at.label} now, every row of it and its whole audit trail.")
    say(
        f"The file it had is kept as {now_at.kept.name}, marked as moved: it is not opened as a practice any more. "
        "Set DATABASE_URL to the new address on every workstation."
    )
    return OK


def see_to_restored_server(options: argparse.Namespace) -> int:
    """After the server's own backup was put back: nothing that was not settled then is believed."""
    to_read_back = see_to_restored(load_settings(options.data_dir))
    say(
        f"{to_read_back:,} messages were not settled when the server's backup was made. They are read back from the "
        "Spine before anything is sent for their patients: press Resume or Failed. What was scheduled is cancelled."
    )
    return OK


def with_newest_backup(fault: DatabaseDamaged, options: argparse.Namespace) -> DatabaseDamaged:
    """The same fault, with the newest backup named that can take the place of what is damaged."""
    copy = newest_backup(load_settings(options.data_dir))
    if copy is None:
        return DatabaseDamaged(f"{fault} No whole backup was found in its folder.")
    return DatabaseDamaged(
        f"{fault} The newest one that is whole was made on {london_text(copy.made_at)}: restore it with the command "
        f"restore {copy.path}."
    )


def verify_audit(options: argparse.Namespace) -> int:
    """Say whether every event of the audit trail is there and as it was written."""
    settings = load_settings(options.data_dir)
    with practice_database(settings) as files:
        verdict = files.trail.verify(nobody_waits)
    if verdict.broken_at is not None:
        raise Refused(verdict_words(verdict))
    say(verdict_words(verdict))
    return OK
