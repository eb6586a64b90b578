"""Every list by command: who is on it, worked out from the practice's plain files; who may have it; and its trace."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.clock import LONDON
from tests.helpers import databases
from tests.helpers.expected import CONSENT_CODES, DISSENT, counting_code, rows
from tests.helpers.program import Finished, Program
from tests.helpers.simulator import running_simulator

PATIENTS = 600
VIEWER = "910000000003"
DOCTOR = "910000000002"


@dataclass
class Done:
    """A practice whose run is over, with its files before and after."""

    program: Program
    before: dict[str, list[dict[str, str]]]
    after: dict[str, list[dict[str, str]]]
    outcomes: dict[str, dict[str, str]]
    people: dict[str, dict[str, str]]
    today: date

    def report(self, name: str, *more: str, card: str = DOCTOR) -> Finished:
        _, *where = self.program.pressing("report", card=card)
        return self.program("report", name, *where[:-1], *more)

    def lines(self, name: str) -> dict[str, dict[str, str]]:
        done = self.report(name)
        assert done.code == 0, done.err
        return {row["patient_ref"]: row for row in csv.DictReader(io.StringIO(done.out))}

    def codes(self, ref: str) -> list[dict[str, str]]:
        return [entry for entry in self.after[ref] if entry["read_code"] in CONSENT_CODES]

    def counting(self, ref: str) -> str:
        return counting_code(self.after[ref], self.today)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    folder = tmp_path_factory.mktemp("reports")
    program = Program(folder / "practice")
    program.make_demonstration(PATIENTS, seed=11)
    assert program("practice", "export", "--out", folder / "before").code == 0
    with running_simulator("--rate", "0", load=folder / "practice" / "spine.csv") as spine:
        program.spine = spine
        assert program.press("run").code == 0
        assert program("practice", "export", "--out", folder / "after").code == 0
        outcomes = {row["patient_ref"]: row for row in rows(folder / "after" / "outcomes.csv")}
        people = {row["patient_ref"]: row for row in rows(folder / "after" / "patients.csv")}
        before, after = entries_of(folder / "before"), entries_of(folder / "after")
        yield Done(program, before, after, outcomes, people, datetime.now(LONDON).date())


def entries_of(folder: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(folder / "consent.csv"):
        found[row["patient_ref"]].append(row)
    return found


def is_ahead(done: Done, entry: dict[str, str]) -> bool:
    return date.fromisoformat(entry["event_date"]) > done.today


def objects(done: Done, ref: str) -> bool:
    """The counting entry is a dissent, or a future-dated one is all there is."""
    counting = done.counting(ref)
    if counting:
        return counting in DISSENT
    return any(is_ahead(done, entry) and entry["read_code"] in DISSENT for entry in done.codes(ref))


def unconfirmed(done: Done, ref: str) -> bool:
    row = done.outcomes[ref]
    return row["outcome"] != "sent" and row["reason"] != "already_on_spine" and row["permission_before"] != "No"


ON_LIST: dict[str, Callable[[Done, str], bool]] = {
    "failed": lambda done, ref: done.outcomes[ref]["outcome"] == "failed",
    "dissent-sent": lambda done, ref: done.outcomes[ref]["outcome"] == "sent",
    "dissent-not-sent": lambda done, ref: objects(done, ref) and unconfirmed(done, ref),
    "mismatch": lambda done, ref: done.outcomes[ref]["mismatch"] == "yes",
    "implied-consent-added": lambda done, ref: len(done.after[ref]) == len(done.before[ref]) + 1,
    "legacy-converted": lambda done, ref: any(
        old["read_code"] != new["read_code"] for old, new in zip(done.before[ref], done.after[ref], strict=False)
    ),
    "several-terms": lambda done, ref: len(done.codes(ref)) > 1,
    "future-dated": lambda done, ref: any(is_ahead(done, entry) for entry in done.codes(ref)),
    "unprocessed": lambda done, ref: False,
    "sending": lambda done, ref: False,
    "not-required": lambda done, ref: done.outcomes[ref]["outcome"] == "not_required",
}


@pytest.mark.parametrize("name", ON_LIST)
def test_a_list_holds_whom_the_rules_put_on_it(done: Done, name: str):
    assert set(done.lines(name)) == {ref for ref in done.outcomes if ON_LIST[name](done, ref)}
    if name not in {"unprocessed", "sending"}:
        assert done.lines(name), "a practice on which this list is empty proves nothing"


def test_a_row_tells_who_it_is_and_what_became_of_them(done: Done):
    for ref, row in {**done.lines("failed"), **done.lines("dissent-sent")}.items():
        person, outcome = done.people[ref], done.outcomes[ref]
        for column in ("nhs_number", "surname", "forename", "date_of_birth", "registration_status"):
            assert row[column] == person[column]
        for column in ("code_before", "scr_on_spine", "permission_before", "outcome", "reason", "mismatch", "attempts"):
            assert row[column] == outcome[column]
        assert row["code_now"] == outcome["code_after"]
        assert row["permission_after"] == ("No" if row["outcome"] == "sent" else outcome["permission_before"])
        assert row["operator"]


def test_the_same_as_json_for_other_programs(done: Done):
    told: list[dict[str, Any]] = json.loads(done.report("failed", "--format", "json").out)
    lines = done.lines("failed")
    assert [row["patient_ref"] for row in told] == list(lines)
    for row in told:
        assert (row["attempts"], row["mismatch"]) == (int(lines[row["patient_ref"]]["attempts"]), False)
        assert row["spine_code"] == (lines[row["patient_ref"]]["spine_code"] or None)


def test_names_are_for_those_entitled_to_them_and_every_list_taken_leaves_a_trace(done: Done):
    assert done.report("failed", card=VIEWER).code == 4
    before = taken(done)
    spine = done.program.spine
    assert spine is not None
    refused = done.program("report", "failed", "--spine", spine.spine, "--auth", spine.auth)
    assert (refused.code, refused.out) == (2, "")
    assert "--card" in refused.err
    assert taken(done) == before, "what was refused was not taken"
    failed = len(done.lines("failed"))
    [trace] = taken(done)[len(before) :]
    assert f"failed, {failed} patients" in trace
    assert f"card {DOCTOR}" in trace
    assert done.program("audit", "verify").code == 0


def taken(done: Done) -> list[str]:
    query = "SELECT actor || ': ' || detail FROM audit_event WHERE action = 'report_taken' ORDER BY number"
    return [row[0] for row in databases.rows_of(done.program.folder, query)]


def test_worklists_are_counted_for_everybody_and_named_for_those_who_may(done: Done):
    listed = done.program("worklist", "list", "--json")
    assert listed.code == 0, listed.err
    left = {one["name"]: one["left"] for one in json.loads(listed.out)["worklists"]}
    # After one run over everybody a worklist holds whom the run's own list holds.
    failed = {ref for ref, row in done.outcomes.items() if row["outcome"] == "failed"}
    assert left["failed"] == len(failed)
    assert left["mismatch"] == sum(row["mismatch"] == "yes" for row in done.outcomes.values())
    _, *where = done.program.pressing("worklist", card=DOCTOR)
    shown = done.program("worklist", "show", "failed", *where[:-1])
    assert shown.code == 0, shown.err
    refs = [row["patient_ref"] for row in csv.DictReader(io.StringIO(shown.out))]
    assert sorted(refs) == sorted(failed)
    _, *where = done.program.pressing("worklist", card=VIEWER)
    refused = done.program("worklist", "show", "failed", *where[:-1])
    assert refused.code == 4
    assert "B0011" in refused.err
