"""Looking back from the terminal: runs with their executions, and the audit trail, without a card and without names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlite

from tests.helpers import databases
from tests.helpers.program import Program
from tests.helpers.simulator import running_simulator

PATIENTS = 40


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A run and a rerun over a small practice."""
    program = Program(tmp_path_factory.mktemp("history") / "practice")
    program.make_demonstration(PATIENTS, seed=4)
    assert program("history").out.strip() == "There has been no run yet."
    with running_simulator("--rate", "0", load=program.folder / "spine.csv") as spine:
        program.spine = spine
        assert program.press("run").code == 0
        assert program.press("rerun").code == 0
        yield program


def rows(program: Program, sql: str) -> list[tuple[Any, ...]]:
    return databases.rows_of(program.folder, sql)


def test_the_history_as_json_is_what_the_rows_say(practice: Program):
    told = practice("history", "--json").result["runs"]
    assert [run["run"] for run in told] == [2, 1]
    for run in told:
        counted = dict(rows(practice, f"SELECT state, count(*) FROM item WHERE run_id = {run['run']} GROUP BY state"))
        assert {state: number for state, number in run["counts"].items() if number} == counted
        [execution] = run["executions"]
        assert execution["counts"] == run["counts"]
        [kept] = rows(practice, f"SELECT operator, card_uid, reads FROM execution WHERE run_id = {run['run']}")
        assert (execution["operator"], execution["card"], execution["requests"]["read"]) == kept
        assert execution["reason"] is None
    assert [run["run"] for run in practice("history", "--limit", "1", "--json").result["runs"]] == [2]


def test_the_history_in_words(practice: Program):
    lines = practice("history").out.splitlines()
    assert lines[0].startswith("Run 2: Consent Migration: Completed, made ")
    assert "Unprocessed 0," in lines[1]
    assert "Completed" in lines[3]


def test_the_trail_as_it_was_written(practice: Program):
    shown = [json.loads(line) for line in practice("audit", "show", "--json").out.splitlines()]
    kept = rows(practice, "SELECT number, at, actor, action, patient_id, detail FROM audit_event ORDER BY number")
    assert [
        (
            one["number"],
            one["at"].replace("+00:00", "Z")[:19],
            one["actor"],
            one["action"],
            one["patient"],
            one["detail"],
        )
        for one in shown
    ] == [(number, at[:19], *rest) for number, at, *rest in kept]


def test_the_trail_by_kind_run_and_length(practice: Program):
    [(expected,)] = rows(practice, "SELECT count(*) FROM audit_event WHERE action = 'outcome' AND run_id = 1")
    found = practice("audit", "show", "--kind", "outcome", "--run", "1")
    assert len(found.out.splitlines()) == expected > 0
    latest = practice("audit", "show", "--limit", "2").out.splitlines()
    [(last,)] = rows(practice, "SELECT max(number) FROM audit_event")
    assert [line.split()[0] for line in latest] == [str(last - 1), str(last)]
    assert practice("audit", "show", "--to", "01/01/2020").out == ""
    refused = practice("audit", "show", "--from", "1/1/2020")
    assert refused.code == 2
    assert "two digits" in refused.err


def test_neither_names_a_patient(practice: Program):
    told = practice("history").out + practice("audit", "show").out
    for surname, forename, number in rows(practice, "SELECT surname, forename, nhs_number FROM patient"):
        assert str(number or "no number") not in told
        assert f"{surname}, {forename}" not in told
        assert f"{forename} {surname}" not in told


def test_a_changed_trail_is_named(practice: Program, tmp_path: Path):
    whole = practice("audit", "verify")
    [(number,)] = rows(practice, "SELECT count(*) FROM audit_event")
    assert whole.code == 0
    assert f"whole: {number:,} events" in whole.err
    # A backup is a file like all others, wherever the practice is kept.
    copy = Program(tmp_path / "copy")
    copy.folder.mkdir()
    Path(practice("backup", "--out", tmp_path).out.strip()).rename(copy.folder / "practice.db")
    target = sqlite.connect(copy.folder / "practice.db")
    target.execute("DROP TRIGGER audit_event_no_update")
    target.execute("UPDATE audit_event SET detail = detail || 'x' WHERE number = 7")
    target.commit()
    target.close()
    broken = copy("audit", "verify")
    assert broken.code == 4
    assert "broken from event 7 on: it is not as it was written" in broken.err
