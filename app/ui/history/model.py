"""What the pages of the history say: columns, facts and sentences. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.clock import LONDON
from app.domain.actions import FAMILIES
from app.domain.outcomes import STATE_LABELS, ItemState, Reason
from app.engine.audit_trail import TrailLine, TrailVerdict
from app.engine.history import Comparison, CoursePoint, Difference, ExecutionView, RunHistory
from app.engine.history_words import (
    RUN_STATUS_WORDS,
    SCOPE_WORDS,
    change_words,
    end_words,
    kind_words,
    run_title,
    stop_cause,
)
from app.engine.ports import RunView
from app.ui.chart_model import ChartModel, chart_model
from app.ui.columns import Column
from app.ui.counter_words import COUNTER_WORDS, number_of
from app.ui.formatting import count, duration, moment, patients
from app.ui.patients import words
from app.ui.timeline import Moment
from app.ui.tones import Tone

NO_RUNS = "There has been no run yet. Go to Consent Migration and press Run; what it does is then kept here for good."
ONE_RUN = "There is only one run so far. After the next Run or Rerun the two can be compared."
SAME = "Every patient of both runs has the same outcome for the same reason."
NO_EVENTS = "No event matches what you chose above."

_A_TIME = "00/00/0000 00:00"
_A_NUMBER = "000,000"
_NOTHING = words.NOTHING

Fact = tuple[str, str]


def _counter(state: ItemState) -> Column:
    label = COUNTER_WORDS[state].label
    return Column(label, _A_NUMBER, lambda run: count(number_of(run.counts, state)), is_number=True)


def run_state(run: RunView) -> str:
    """How a run stands, with the reason of a pause."""
    word = RUN_STATUS_WORDS[run.status]
    return f"{word}: {stop_cause(run.stop_reason, run.stop_detail)}" if run.stop_reason is not None else word


RUN_COLUMNS = (
    Column("Run", "0000", lambda run: str(run.run_id)),
    Column("Begun", _A_TIME, lambda run: words.time_of(run.started_at or run.created_at)),
    # So wide that all five counters are seen in the usual window; the whole of a reason stands on the run's own page.
    Column("Status", "Paused: Stop was", run_state),
    *(_counter(state) for state in COUNTER_WORDS),
    Column("Group", "Diabetes review", lambda run: run.group or "Everyone"),
    Column("Process", "Consent Migration", lambda run: FAMILIES[run.family].title),
    Column("Operator", "Christopher Example", lambda run: run.operator),
    Column("Workstation", "FRONT-DESK-01", lambda run: run.workstation),
    Column("Ended", _A_TIME, lambda run: words.time_of(run.ended_at)),
)


def lasted(execution: ExecutionView) -> str:
    """How long an execution took; one without an end is under way."""
    if execution.ended_at is None:
        return _NOTHING
    return duration((execution.ended_at - execution.started_at).total_seconds())


def _counter_after(state: ItemState) -> Column:
    label = f"{COUNTER_WORDS[state].label} after"
    return Column(label, _A_NUMBER, lambda one: count(number_of(one.after, state)), is_number=True)


EXECUTION_COLUMNS = (
    Column("No.", "00", lambda one: str(one.place)),
    Column("Begun", _A_TIME, lambda one: words.time_of(one.started_at)),
    Column("Ended", _A_TIME, lambda one: words.time_of(one.ended_at)),
    Column("Took", "00 h 00 min", lasted),
    Column("How it ended", "Smartcard session ended", end_words),
    Column("Operator", "Christopher Example", lambda one: one.operator),
    Column("Role", "System Administrator", lambda one: one.role_name),
    Column("Card", "000000000000", lambda one: one.card_uid),
    Column("Workstation", "FRONT-DESK-01", lambda one: one.workstation),
    Column("Questions", _A_NUMBER, lambda one: count(one.reads), is_number=True),
    Column("Messages", _A_NUMBER, lambda one: count(one.writes), is_number=True),
    *(_counter_after(state) for state in COUNTER_WORDS),
)


@dataclass(frozen=True, slots=True)
class RunModel:
    """A run above its executions: its title, facts, counters in one sentence, and the pauses between them."""

    title: str
    state: str
    facts: tuple[Fact, ...]
    pauses: tuple[str, ...]


def run_model(history: RunHistory) -> RunModel:
    """The page of a run."""
    run = history.run
    facts = (
        ("Begun", words.time_of(run.started_at)),
        ("Ended", words.time_of(run.ended_at)),
        ("Patients", count(run.counts.total)),
        ("Questions to the Spine", count(run.reads)),
        ("Messages sent", count(run.writes)),
        *((COUNTER_WORDS[state].label, count(number_of(run.counts, state))) for state in COUNTER_WORDS),
    )
    return RunModel(run_title(run), run_state(run), facts, pauses(history.executions))


def pauses(executions: Sequence[ExecutionView]) -> tuple[str, ...]:
    """The times between executions, with why they began."""
    told = []
    for before, after in pairwise(executions):
        if before.ended_at is None or before.end_reason is None:
            continue
        length = duration((after.started_at - before.ended_at).total_seconds())
        told.append(
            f"Paused for {length} from {moment(before.ended_at)}: {end_words(before)}. "
            f"{after.operator} went on at {moment(after.started_at)}."
        )
    return tuple(told)


def execution_words(one: ExecutionView) -> str:
    """What stands above the picture of an execution."""
    took = "" if one.ended_at is None else f" It took {lasted(one)}."
    return f"Execution {one.place}, {SCOPE_WORDS[one.scope]}, by {one.operator}: {end_words(one)}.{took}"


def course_chart(points: Sequence[CoursePoint]) -> ChartModel:
    """An execution's course as the running page draws it."""
    return chart_model(tuple(Moment(point.seconds, point.finished, point.counts) for point in points))


# --- two runs -----------------------------------------------------------------------------------------------------


def run_choice(run: RunView) -> str:
    """A run as a line to choose."""
    return f"Run {run.run_id}, {words.time_of(run.started_at or run.created_at)}, {RUN_STATUS_WORDS[run.status]}"


def outcome(state: ItemState, reason: Reason | None) -> str:
    """An outcome with its reason in a few words."""
    word = STATE_LABELS[state]
    return f"{word}: {words.reason(reason)}" if reason is not None else word


def _before(one: Difference) -> str:
    return outcome(one.before, one.before_reason)


def _after(one: Difference) -> str:
    return outcome(one.after, one.after_reason)


DIFFERENCE_COLUMNS = (
    Column("Patients", _A_NUMBER, lambda one: count(one.patients), is_number=True),
    Column("In the first run", "Not Required: Dissent on the Spine, not here", _before),
    Column("In the second run", "Not Required: Dissent on the Spine, not here", _after),
)


@dataclass(frozen=True, slots=True)
class CounterLine:
    """One counter of both runs beside one another."""

    label: str
    first: str
    second: str
    change: str


def counter_lines(compared: Comparison) -> tuple[CounterLine, ...]:
    """The five counters and the patients in scope, of both runs."""
    one, other = compared.first.counts, compared.second.counts
    lines = [
        _counter_line(words_.label, number_of(one, state), number_of(other, state))
        for state, words_ in COUNTER_WORDS.items()
    ]
    return (*lines, _counter_line("Patients in scope", one.total, other.total))


def _counter_line(label: str, first: int, second: int) -> CounterLine:
    change = second - first
    said = "the same" if not change else f"{count(abs(change))} {'more' if change > 0 else 'fewer'}"
    return CounterLine(label, count(first), count(second), said)


def comparison_words(compared: Comparison) -> str:
    """How alike two runs are, in a sentence or two."""
    differ = sum(one.patients for one in compared.differences)
    told = [f"{patients(differ)} of both runs {'differs' if differ == 1 else 'differ'}, {count(compared.same)} do not."]
    if not differ:
        told = [SAME]
    for number, run in ((compared.only_first, compared.first), (compared.only_second, compared.second)):
        if number:
            told.append(f"{patients(number)} {'was' if number == 1 else 'were'} in run {run.run_id} only.")
    return " ".join(told)


def difference_words(compared: Comparison, one: Difference) -> str:
    """What the list behind a difference is."""
    return (
        f"{_before(one)} in run {compared.first.run_id}, {_after(one)} in run {compared.second.run_id}. "
        f"The columns are those of run {compared.second.run_id}."
    )


# --- the audit trail ----------------------------------------------------------------------------------------------


TRAIL_COLUMNS = (
    Column("Event", "0,000,000", lambda line: count(line.number)),
    Column("Time", f"{_A_TIME}:00", lambda line: f"{line.at.astimezone(LONDON):%d/%m/%Y %H:%M:%S}"),
    Column("Kind", "Message answered", lambda line: kind_words(line.action)),
    Column("What", "unprocessed to not required, nothing", change_words),
    Column("Patient", "no. 000000", lambda line: _NOTHING if line.patient_id is None else f"no. {line.patient_id}"),
    Column("Run", "00", lambda line: _NOTHING if line.run_id is None else str(line.run_id)),
    Column("By", "Christopher Example (System Administrator", lambda line: line.actor),
)


def event_words(line: TrailLine) -> str:
    """Everything of an event, for below the list."""
    told = [f"Event {count(line.number)}: {kind_words(line.action)}, by {line.actor}."]
    if change := change_words(line):
        told.append(f"{change[:1].upper()}{change[1:]}.")
    if line.request_id:
        told.append(f"Message {line.request_id}.")
    return " ".join(told)


def how_many_events(number: int) -> str:
    """The number of events found."""
    return f"{count(number)} event{'' if number == 1 else 's'}"


def verdict_tone(verdict: TrailVerdict) -> Tone:
    """Whole is done, anything else has failed."""
    return Tone.DONE if verdict.broken_at is None else Tone.FAILED
