"""A practice's list looked at, brought in and taken out, as window and commands do it: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap import create_demonstration, export_list, look_at_list, practice_database, store_list
from app.bootstrap.place import has_practice, place_of
from app.config import Settings, load_settings
from app.domain.errors import BadInput, Refused, StorageFault
from app.engine.list_preview import ListFiles
from app.engine.long_work import Cancelled
from app.engine.practice import ImportSummary, ListSizes
from app.exchange.practice_list import read_practice_list
from app.storage import audit
from tests.helpers import databases
from tests.helpers.clocks import ManualClock
from tests.helpers.giving_up import GivesUp
from tests.helpers.list_files import BAD_PATIENT, CONSENT, NEW_PATIENT, PATIENTS, written


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    databases.prepare(tmp_path / "data")
    return load_settings(tmp_path / "data", environment={})


def left_in(folder: Path) -> set[str]:
    """What is in a folder, but for its settings and its lock."""
    return {path.name for path in folder.glob("*")} - {"config.toml", "practice.db.lock"}


@pytest.fixture
def files(tmp_path: Path) -> ListFiles:
    return written(tmp_path / "lists")


def held(settings: Settings) -> int:
    with practice_database(settings) as opened:
        return opened.store.patient_count()


def events(settings: Settings) -> list[tuple[str, str, str]]:
    with practice_database(settings) as opened, opened.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT action, actor, detail FROM audit_event ORDER BY number")
        assert audit.first_broken(opened.database) is None
        return [tuple(row) for row in rows]


def test_looking_at_a_list_stores_nothing_and_says_what_is_in_it(settings, files):
    looked = look_at_list(settings, files, update=False, clock=ManualClock())
    preview = looked.preview
    assert preview.is_usable
    assert preview.sizes == ListSizes(patients=3, entries=3, memberships=1)
    assert (preview.active, preview.dissents) == (2, 2)
    assert [(warning.file, warning.line, warning.column) for warning in preview.warnings] == [
        ("patients.csv", 3, "nhs_number")
    ]
    assert preview.changes is None
    assert not has_practice(settings)
    assert not left_in(settings.data_dir)


def test_every_fault_of_every_file_is_in_the_preview(settings, tmp_path):
    patients = [*PATIENTS, BAD_PATIENT]
    consent = [*CONSENT, "Z,,93C3.,,2015-06-01,,", "A,,XXXX.,,2015-06-01,,"]
    looked = look_at_list(settings, written(tmp_path / "bad", patients, consent), update=False)
    assert not looked.preview.is_usable
    assert [(fault.file, fault.line, fault.column) for fault in looked.preview.faults] == [
        ("patients.csv", 5, "nhs_number"),
        ("patients.csv", 5, "surname"),
        ("patients.csv", 5, "date_of_birth"),
        ("patients.csv", 5, "record_in_use"),
        ("consent.csv", 5, "patient_ref"),
        ("consent.csv", 6, "read_code"),
    ]
    with pytest.raises(Refused, match="faults"):
        looked.bring_in()
    assert not has_practice(settings)


def test_a_list_that_was_looked_at_is_brought_in_under_its_practices_name(settings, files):
    looked = look_at_list(settings, files, update=False).named("The Surgery", "A12345")
    assert looked.bring_in() == ImportSummary(added=3, updated=0, entries=3, groups=1)
    with practice_database(settings) as opened:
        info = opened.database.info()
        assert (info.name, info.ods_code, info.demonstration) == ("The Surgery", "A12345", False)


def test_files_changed_after_they_were_looked_at_are_not_brought_in(settings, files):
    looked = look_at_list(settings, files, update=False)
    files.patients.write_text(files.patients.read_text().replace("Ashworth", "Ashwood"))
    with pytest.raises(BadInput, match="changed while"):
        looked.bring_in()
    assert not has_practice(settings)


def test_the_preview_of_an_update_says_who_is_new_known_and_absent(settings, files, tmp_path):
    look_at_list(settings, files, update=False).bring_in()
    newer = [PATIENTS[0], PATIENTS[1], NEW_PATIENT]
    looked = look_at_list(settings, written(tmp_path / "newer", newer, CONSENT[:2]), update=True)
    assert looked.preview.changes == ImportSummary(1, 1, 1, 1, ("B", "C"))
    assert held(settings) == 3
    assert looked.bring_in() == looked.preview.changes
    assert held(settings) == 4


def test_an_import_given_up_anywhere_leaves_no_practice(settings, files):
    whole, elsewhere = GivesUp(), load_settings(settings.data_dir.with_name("whole"), environment={})
    rows = read_practice_list(files.patients, files.consent, files.groups, today=ManualClock().now().date())
    store_list(elsewhere, rows, update=False, progress=whole)
    for at in range(1, len(whole.words) + 1):
        with pytest.raises(Cancelled):
            store_list(settings, rows, update=False, progress=GivesUp(at))
        assert not has_practice(settings)
        assert left_in(settings.data_dir) <= {"scr-bulk.log"}
    store_list(settings, rows, update=False)
    assert held(settings) == 3


def test_looking_at_a_list_can_be_given_up(settings, files):
    whole = GivesUp()
    look_at_list(settings, files, update=False, progress=whole)
    assert whole.steps == ["Reading patients.csv", "Reading consent.csv", "Reading groups.csv"]
    with pytest.raises(Cancelled):
        look_at_list(settings, files, update=False, progress=GivesUp(2))


def test_two_imports_at_once_do_not_get_in_each_others_way(settings, files):
    rows = read_practice_list(files.patients, files.consent, files.groups, today=ManualClock().now().date())
    settings.data_dir.mkdir(exist_ok=True)
    lock = databases.lock_at(place_of(settings), ManualClock(), "BACK-OFFICE")
    lock.acquire("Sam Reception")
    # A server's database without a practice has no place yet for who it is.
    with pytest.raises(Refused, match=r"Sam Reception on BACK-OFFICE|being worked on at another computer"):
        store_list(settings, rows, update=False)
    lock.release()
    store_list(settings, rows, update=False)
    with pytest.raises(Refused, match="holds patients already"):
        store_list(settings, rows, update=False)


def test_an_export_is_in_the_audit_trail(settings, files, tmp_path):
    look_at_list(settings, files, update=False).bring_in()
    summary = export_list(settings, tmp_path / "out")
    assert (summary.patients, summary.entries, summary.groups, summary.outcomes) == (3, 3, 1, 0)
    action, actor, detail = events(settings)[-1]
    assert action == "list_exported"
    assert actor
    assert detail == "3 patients, 3 entries, 1 memberships, 0 outcomes"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "consent.csv",
        "groups.csv",
        "outcomes.csv",
        "patients.csv",
    ]


def test_without_its_audit_event_there_is_no_export(settings, files, tmp_path, monkeypatch):
    look_at_list(settings, files, update=False).bring_in()

    def fail(*_: object) -> None:
        raise StorageFault("The disk is full.")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(StorageFault):
        export_list(settings, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_an_export_given_up_anywhere_leaves_the_one_before_alone(settings, files, tmp_path):
    look_at_list(settings, files, update=False).bring_in()
    out = tmp_path / "out"
    whole = GivesUp()
    export_list(settings, out, progress=whole)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    told = len(events(settings))
    beside = set(settings.data_dir.iterdir())
    for at in range(1, len(whole.words) + 1):
        with pytest.raises(Cancelled):
            export_list(settings, out, progress=GivesUp(at))
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert len(events(settings)) == told
    assert set(settings.data_dir.iterdir()) == beside


def test_a_demonstration_given_up_anywhere_leaves_no_practice(tmp_path):
    settings = load_settings(tmp_path / "demo", environment={})
    whole = GivesUp()
    create_demonstration(load_settings(settings.data_dir.with_name("whole"), environment={}), 600, 1, progress=whole)
    assert whole.steps[-1] == "Writing what the simulated Spine knows"
    for at in range(1, len(whole.words) + 1):
        with pytest.raises(Cancelled):
            create_demonstration(settings, 600, 1, progress=GivesUp(at))
        assert not has_practice(settings)
        assert left_in(settings.data_dir) <= {"scr-bulk.log"}
