"""A preview by command: numbers for whoever may launch, names for whoever may see them, and nothing on the Spine."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import practice_database
from app.config import load_settings
from tests.helpers.previewing import nothing_is_written
from tests.helpers.program import Program
from tests.helpers.simulator import running_simulator

DOCTOR, RECEPTIONIST = "910000000002", "910000000003"
KEYS = {"preview", "action", "group", "status", "reason", "counts", "lists", "dissent_not_sent", "reasons"}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("previews")
    program = Program(folder / "practice")
    program.make_demonstration(200, seed=5)
    with running_simulator("--rate", "0", load=folder / "practice" / "spine.csv") as spine:
        program.spine = spine
        yield program


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_without_a_card_the_records_are_looked_at_alone(program):
    assert program.spine is not None
    asked = len(program.spine.history())
    settings = load_settings(program.folder, environment={})
    with practice_database(settings, check=False) as files, nothing_is_written(files.database, events=()):
        told = program("preview", "--local")
    assert told.code == 0, told.err
    assert "The Spine was not asked." in told.out
    assert "dissents would not be sent" in told.out
    assert not [name for name in files_of(program.folder) if name.startswith(".snapshot")]
    assert len(program.spine.history()) == asked


def test_with_a_card_the_spine_is_asked_and_the_run_afterwards_comes_as_foreseen(program):
    done = program.press("preview")
    assert done.code == 0, done.err
    taken = done.result
    assert set(taken) >= KEYS
    assert taken["status"] == "completed"
    assert taken["requests"]["write"] == 0
    assert "Nothing was sent to the Spine" in done.err
    assert program.spine is not None
    assert program.spine.writes() == []

    listed = program("preview", "--list", "widening", *program.pressing("preview")[1:-1])
    assert listed.code == 0, listed.err
    rows = list(csv.DictReader(io.StringIO(listed.out)))
    assert len(rows) == taken["lists"]["widening"] > 0
    assert {(row["code_now"], row["code_foreseen"]) for row in rows} == {("93C2.", "9Ndn.")}

    pressed = program.press("preview", "--then-press")
    assert pressed.code == 0, pressed.err
    result = pressed.result
    refused = [one for one in result["differing"] if one["difference"] == "refused"]
    assert result["differing"] == refused
    assert len(refused) <= taken["lists"]["may-be-refused"]
    counts = {**taken["counts"], "sent": taken["counts"]["sent"] - len(refused)}
    assert result["counts"] == {**counts, "failed": counts["failed"] + len(refused)}
    assert result["preview"]["counts"] == taken["counts"]
    assert json.dumps(result["differing"]).count("999") == 0, "nobody is named by number"


@pytest.mark.parametrize("card", [DOCTOR, RECEPTIONIST])
def test_others_are_refused_before_anybody_is_asked_about(program, card):
    asked = len([call for call in program.spine.history() if "DocumentReference" in call["path"]])
    refused = program.press("preview", card=card)
    assert refused.code == 4
    assert "System Administrator" in refused.err
    assert len([call for call in program.spine.history() if "DocumentReference" in call["path"]]) == asked


@pytest.mark.parametrize(
    "wrong", [("--action", "resume", "--group", "Flu"), ("--local", "--then-press"), ("--list", "nobody")]
)
def test_what_makes_no_sense_together_is_wrong_use(program, wrong):
    told = program("preview", *wrong)
    assert told.code == 2
    assert told.out == ""
