"""What the pages around a practice can have done, over the headless composition: adapters only, no rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.bootstrap import (
    back_up_practice,
    create_demonstration,
    export_list,
    has_practice,
    look_at_connection,
    look_at_list,
    newest_backup,
    practice_database,
    prepare_rehearsal,
    refuse_taken,
    restore_practice,
    spine_settings,
)
from app.bootstrap.demonstration import SEED, STANDARDS
from app.config import Given, Settings, change_config_file, given_settings, load_settings
from app.engine.connection import ConnectionReport
from app.engine.list_preview import ListFiles
from app.engine.long_work import Progress
from app.engine.practice import ImportSummary
from app.exchange.finding_file import write_findings
from app.logs import LOG_FILE
from app.spine.settings import NO_SIGN_IN
from app.ui.front.ports import BackupChoice, FolderPort, ListToImport
from app.ui.front.settings_sheet import Changes, SettingsPort

OWN_SPINE_REMARK = "This practice works against a simulated Spine of its own: the addresses below are not used for it."


def folder_port(folder: Path, opened: Settings | None = None, *, own_spine: bool = False) -> FolderPort:
    """The port of a folder; `opened` are the settings of the practice that is open in it, if one is.

    `own_spine` says that it works against a simulated Spine of its own, whatever addresses are set.
    """
    work = _Folder(folder, opened)
    return FolderPort(
        folder=folder,
        log_file=folder / LOG_FILE,
        has_practice=work.has_practice,
        find_database=work.find_database,
        settings=work.settings_with_own_spine if own_spine else work.settings,
        look_at_connection=work.look_at_connection,
        look_at_list=work.look_at_list,
        make_demonstration=work.make_demonstration,
        prepare_rehearsal=work.prepare_rehearsal,
        export=work.export,
        back_up=work.back_up,
        newest_backup=work.newest_backup,
        restore=work.restore,
        save_findings=write_findings,
    )


def settings_port(folder: Path, remark: str = "", standards: Mapping[str, str] | None = None) -> SettingsPort:
    """The settings of a folder, checked as a whole before they are saved."""
    standards = standards or {}

    def given() -> list[Given]:
        return given_settings(folder, defaults=standards)

    def save(changes: Changes) -> None:
        filed = {one.setting.key: one.filed for one in given_settings(folder, environment={})}
        wanted = {key: value for key, value in {**filed, **changes}.items() if value is not None}
        _check(folder, wanted)
        change_config_file(folder, changes)

    return SettingsPort(given, save, standards, remark)


def _check(folder: Path, wanted: Mapping[str, str]) -> None:
    """Raise `SettingsError` or `BadInput` for settings that cannot be used together, or not at all."""
    settings = load_settings(folder, flags=wanted, environment={})
    spine_settings(settings, settings.auth_url or NO_SIGN_IN)


class _Folder:
    """One folder's work. The settings are read anew each time: they may have been changed since."""

    def __init__(self, folder: Path, opened: Settings | None) -> None:
        self._folder = folder
        self._opened = opened

    def has_practice(self) -> bool:
        return load_settings(self._folder).database_file.exists()

    def find_database(self, progress: Progress) -> None:
        progress("Looking for the practice database")
        has_practice(load_settings(self._folder))

    def settings(self) -> SettingsPort:
        return settings_port(self._folder)

    def settings_with_own_spine(self) -> SettingsPort:
        return settings_port(self._folder, OWN_SPINE_REMARK, STANDARDS)

    def look_at_connection(self, progress: Progress) -> ConnectionReport:
        settings = load_settings(self._folder)
        if self._opened is not None and not settings.spine_url:
            # The address of a Spine that came with the practice is set nowhere.
            settings = replace(settings, spine_url=self._opened.spine_url, auth_url=self._opened.auth_url)
        return look_at_connection(settings, progress=progress)

    def look_at_list(self, files: ListFiles, update: bool, progress: Progress) -> ListToImport:
        settings = load_settings(self._folder)
        if not update:
            refuse_taken(settings)
        return look_at_list(settings, files, update=update, progress=progress)

    def make_demonstration(self, patients: int, progress: Progress) -> ImportSummary:
        return create_demonstration(load_settings(self._folder), patients, SEED, progress=progress)

    def prepare_rehearsal(self, progress: Progress) -> Path:
        return prepare_rehearsal(load_settings(self._folder), progress=progress)

    def export(self, out: Path, actor: str, progress: Progress) -> str:
        return str(export_list(load_settings(self._folder), out, actor=actor, progress=progress))

    def back_up(self, progress: Progress) -> Path:
        with practice_database(load_settings(self._folder)) as files:
            return back_up_practice(files, None, progress)

    def newest_backup(self, progress: Progress) -> BackupChoice | None:
        found = newest_backup(load_settings(self._folder), progress)
        return BackupChoice(found.path, found.made_at) if found else None

    def restore(self, copy: Path, progress: Progress) -> str:
        progress("Putting the backup in place")
        restored = restore_practice(load_settings(self._folder), copy)
        words = ["The practice stands as in the backup again."]
        if restored.set_aside is not None:
            words.append(f"What was there before is kept as {restored.set_aside.name}.")
        if restored.to_read_back:
            words.append(
                f"{restored.to_read_back:,} messages were not settled when it was made: they are read back from the "
                "Spine before anything is sent for their patients."
            )
        return " ".join(words)
