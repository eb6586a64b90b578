"""The judge of runs of the real program: what the simulated Spine received and holds, the rows, and the files.

Never the program's own word. The invariants are the faults page's; a run that was disturbed must moreover end as an
undisturbed one over the same lists did.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.bootstrap.place import place_of
from app.clock import SystemClock
from app.config import load_settings
from app.domain.outcomes import ItemState
from app.domain.states import UNSETTLED_INTENTS
from app.engine.spine_port import NOT_APPLIED, AnswerKind
from app.storage import audit
from app.storage.columns import AnyRow
from app.storage.database import PracticeDatabase
from app.storage.tables import attempt, audit_event, execution, intent, item, patient, run
from tests.helpers.program import Program
from tests.helpers.simulator import SimulatorProcess

DISSENT = {"93C3.", "9Ndo."}
SETTLED_REASONS = {"dissent_sent", "confirmed_by_read"}
MAY_HAVE_BEEN_REPEATED = {"reason", "attempts", "processed_at"}
"""Columns of the outcomes that a disturbance may change, where it left a message of unknown outcome."""

Lines = list[dict[str, str]]


@contextmanager
def rows_of(program: Program) -> Iterator[PracticeDatabase]:
    """The practice database looked at from outside, every page of it checked first."""
    database = PracticeDatabase.open(place_of(load_settings(program.folder)), clock=SystemClock())
    try:
        yield database
    finally:
        database.close()


def all_rows(database: PracticeDatabase, query: Any) -> list[AnyRow]:
    """What the database answers."""
    with database.reading() as connection:
        return list(connection.execute(query))


def check_invariants(program: Program, spine: SimulatorProcess) -> None:
    """I2 to I6 and I8, whatever has happened so far and at whatever point the program was killed."""
    history = spine.history()
    writes = [call for call in history if call["path"].endswith("/$setPermission")]
    with rows_of(program) as database:
        attempts = {row.correlation_id: row for row in all_rows(database, select(attempt).order_by(attempt.c.id))}
        _was_written_down_before(writes, attempts)
        _is_repeated_only_after_an_unknown(writes, attempts)
        _is_read_back_before_a_repeat(database, history)
        _is_one_message_at_a_time(database)
        _implied_consent_was_asked_for(database, history)
        _counters_add_up(database)
        assert audit.first_broken(database) is None, "I8"


def _was_written_down_before(writes: Lines, attempts: Mapping[str, AnyRow]) -> None:
    for call in writes:
        row = attempts.get(call["correlation_id"])
        assert row is not None, "I5: the Spine received a message that no row tells of"
        assert row.request_id == call["request_id"], "I5"
        assert row.started_at <= datetime.fromisoformat(call["at"]), "I5: written down after it arrived"


def _is_repeated_only_after_an_unknown(writes: Lines, attempts: Mapping[str, AnyRow]) -> None:
    assert not [name for name, count in Counter(call["correlation_id"] for call in writes).items() if count > 1]
    by_request = defaultdict(list)
    for row in attempts.values():
        by_request[row.request_id].append(row)
    for tries in by_request.values():
        assert not tries[0].reason, "the first try is no repeat"
        for before, after in itertools.pairwise(tries):
            assert after.reason, "I2: every repeat has its written reason"
            assert before.ended_at is not None, "I2: nothing is sent while the one before is open"
            assert before.answer_class in NOT_APPLIED | {AnswerKind.UNKNOWN}, "I2"
    applied = defaultdict(list)
    for call in writes:
        if call["applied"]:
            applied[call["nhs_number"]].append(call)
    for calls in applied.values():
        assert len({call["request_id"] for call in calls}) == 1, "I2: a repeat carries the same request id"
        for call in calls[:-1]:
            assert attempts[call["correlation_id"]].answer_class is AnswerKind.UNKNOWN, "I2"


def _is_read_back_before_a_repeat(database: PracticeDatabase, history: Lines) -> None:
    """Settling (faults page, section 2): between an unknown outcome and a repeat lies an answer of the Spine."""
    query = (
        select(attempt, patient.c.nhs_number).join_from(attempt, item).join(patient, item.c.patient_id == patient.c.id)
    )
    readings = defaultdict(list)
    for call in history:
        if call["method"] == "GET" and call["status"] in {200, 403}:
            readings[call["nhs_number"]].append(datetime.fromisoformat(call["at"]))
    by_request = defaultdict(list)
    for row in all_rows(database, query.order_by(attempt.c.id)):
        by_request[row.request_id].append(row)
    for tries in by_request.values():
        for before, after in itertools.pairwise(tries):
            if before.answer_class is AnswerKind.UNKNOWN:
                between = [at for at in readings[after.nhs_number] if before.started_at < at < after.started_at]
                assert between, "a message of unknown outcome was sent again without asking"


def repeats_that_were_applied(spine: SimulatorProcess) -> list[str]:
    """Patients to whom more than one message was applied: none, where the Spine tells what it holds."""
    applied = Counter(call["nhs_number"] for call in spine.writes() if call["applied"])
    return [nhs_number for nhs_number, count in applied.items() if count > 1]


def _is_one_message_at_a_time(database: PracticeDatabase) -> None:
    unsettled = all_rows(database, select(intent.c.patient_id).where(intent.c.state.in_(sorted(UNSETTLED_INTENTS))))
    assert len(unsettled) == len(set(unsettled))


def _implied_consent_was_asked_for(database: PracticeDatabase, history: Lines) -> None:
    added = select(patient.c.nhs_number).join_from(audit_event, patient, audit_event.c.patient_id == patient.c.id)
    answered = {call["nhs_number"] for call in history if call["method"] == "GET" and call["status"] == 200}
    for row in all_rows(database, added.where(audit_event.c.action == "entry_added")):
        assert row.nhs_number in answered, "I4"


def _counters_add_up(database: PracticeDatabase) -> None:
    cohort = select(patient.c.id).where(patient.c.registration.in_(("permanent", "applied")))
    size = len(all_rows(database, cohort))
    for row in all_rows(database, select(run.c.id)):
        assert len(all_rows(database, select(item.c.id).where(item.c.run_id == row.id))) == size, "I6"


@dataclass(frozen=True, slots=True)
class Ending:
    """What a run left behind: the practice's files, the outcomes by patient, and the Spine's state."""

    patients: Lines
    entries: Lines
    groups: Lines
    outcomes: dict[str, dict[str, str]]
    spine: dict[str, tuple[bool, str]]
    repeated: frozenset[str]
    """References of patients whose message was of unknown outcome at some time, or was repeated with its reason."""


def ending_of(program: Program, spine: SimulatorProcess) -> Ending:
    """Export everything as it stands now."""
    out = program.folder.parent / "ending"
    done = program("practice", "export", "--out", out)
    assert done.code == 0, done.err
    outcomes = {line["patient_ref"]: line for line in lines_of(out / "outcomes.csv")}
    return Ending(
        lines_of(out / "patients.csv"),
        [_without_time(line) for line in lines_of(out / "consent.csv")],
        lines_of(out / "groups.csv"),
        outcomes,
        spine.state(),
        _repeated(program),
    )


def check_ended_as(ending: Ending, undisturbed: Ending, *, failed_again: bool = False) -> None:
    """A disturbed run's end is that of the undisturbed one, but for times, and for attempts where one was repeated.

    With `failed_again`, Failed was pressed, which tries a refused message again.
    """
    assert ending.spine == undisturbed.spine
    assert ending.patients == undisturbed.patients
    assert ending.entries == undisturbed.entries
    assert ending.groups == undisturbed.groups
    assert list(ending.outcomes) == list(undisturbed.outcomes)
    for reference, line in ending.outcomes.items():
        tried_again = reference in ending.repeated or (failed_again and line["outcome"] == ItemState.FAILED)
        free = MAY_HAVE_BEEN_REPEATED if tried_again else {"processed_at"}
        wanted = undisturbed.outcomes[reference]
        assert {name: line[name] for name in line if name not in free} == {
            name: wanted[name] for name in wanted if name not in free
        }
        assert line["reason"] == wanted["reason"] or {line["reason"], wanted["reason"]} <= SETTLED_REASONS, line


def check_everybody_is_protected(ending: Ending, before: Lines) -> None:
    """I1 and I3: who objected has No on the Spine or is on a list; who did not is as they were. `before`: consent."""
    objected = {line["patient_ref"] for line in before if line["read_code"] in DISSENT}
    for reference, line in ending.outcomes.items():
        held = ending.spine.get(line["nhs_number"], (False, ""))[1]
        if reference in objected:
            listed = line["outcome"] == ItemState.FAILED or line["reason"] == "not_permanent_yet"
            assert held == "No" or listed, "I1"
        else:
            assert line["message_sent"] == "no", "I3"
            assert line["attempts"] == "0", "I3"


def stale_sends(program: Program, writes: Lines) -> Lines:
    """Those of the messages received that belong to an execution which another had taken over from before."""
    with rows_of(program) as database:
        begun = {row.id: row.started_at for row in all_rows(database, select(execution))}
        by = {row.correlation_id: row.execution_id for row in all_rows(database, select(attempt))}
    stale = []
    for call in writes:
        later = [started for number, started in begun.items() if number > by[call["correlation_id"]]]
        if later and min(later) <= datetime.fromisoformat(call["at"]):
            stale.append(call)
    return stale


def lines_of(path: Path) -> Lines:
    """The lines of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _without_time(entry: dict[str, str]) -> dict[str, str]:
    """An entry without the moment it was added at; the others keep theirs."""
    added = entry["read_code"] == "9Ndl."
    return {**entry, "recorded_at": "", "event_date": ""} if added else entry


def _repeated(program: Program) -> frozenset[str]:
    query = (
        select(patient.c.patient_ref)
        .join_from(attempt, item, attempt.c.item_id == item.c.id)
        .join(patient, item.c.patient_id == patient.c.id)
        .where((attempt.c.answer_class == AnswerKind.UNKNOWN) | (attempt.c.reason != ""))
    )
    with rows_of(program) as database:
        return frozenset(row.patient_ref for row in all_rows(database, query))
