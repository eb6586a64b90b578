"""The sandbox without sign-in, and the commands that look after a practice."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from app.bootstrap import practice_database
from app.config import load_settings
from tests.helpers.program import BEFORE_ARGUMENTS, Program
from tests.helpers.simulator import ROOT, running_simulator
from tests.helpers.tampering import without_triggers


@pytest.fixture
def practice(tmp_path: Path) -> Program:
    program = Program(tmp_path / "practice")
    program.make_demonstration(30, seed=2)
    return program


def test_a_spine_that_asks_nobody_who_they_are_needs_no_card(practice: Program):
    with running_simulator("--rate", "0", "--sandbox", load=practice.folder / "spine.csv") as spine:
        where = ("--spine", spine.spine, "--auth", "none")
        done = practice("run", *where, "--json")
        assert done.code == 0, done.err
        assert done.result["status"] == "completed"
        assert practice("rerun", *where, "--role", "nurse", "--json").code == 2


@pytest.mark.parametrize("place", range(3))
def test_the_folder_may_be_named_before_or_after_the_verb(practice: Program, tmp_path: Path, place: int):
    words = ["practice", "export", "--out", str(tmp_path / "out")]
    words[place:place] = ["--data-dir", str(practice.folder)]
    done = subprocess.run([*BEFORE_ARGUMENTS, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "patients.csv").exists()


@pytest.mark.sqlite_only
def test_a_backup_can_be_gone_back_to(practice: Program, tmp_path: Path):
    made = practice("backup", "--out", tmp_path / "kept")
    assert made.code == 0, made.err
    copy = Path(made.out.strip())
    assert copy.is_file()
    with running_simulator("--rate", "0", load=practice.folder / "spine.csv") as spine:
        practice.spine = spine
        assert practice.press("run").code == 0
        back = practice("restore", copy)
        assert back.code == 0, back.err
        assert practice("status").code == 4, "the backup knows of no run"
        assert list(practice.folder.glob("practice-replaced-*.db"))
        again = practice.press("run")
        assert again.code == 0, again.err
        assert again.result["requests"]["write"] <= 1, "what the Spine holds already is read back and not sent again"
    assert practice("audit", "verify").code == 0


@pytest.mark.sqlite_only
def test_a_file_that_is_no_backup_is_refused(practice: Program, tmp_path: Path):
    wrong = tmp_path / "wrong.db"
    wrong.write_text("nothing", encoding="utf-8")
    done = practice("restore", wrong)
    assert done.code == 4
    assert "Traceback" not in done.err
    assert practice("practice", "export", "--out", tmp_path / "out").code == 0


def test_a_trail_that_was_tampered_with_is_found(practice: Program):
    change = "UPDATE audit_event SET actor = 'somebody else' WHERE number = 2"
    with practice_database(load_settings(practice.folder, environment={})) as files:
        without_triggers(files.database, lambda connection: connection.exec_driver_sql(change))
    done = practice("audit", "verify")
    assert done.code == 4
    assert "event 2" in done.err
