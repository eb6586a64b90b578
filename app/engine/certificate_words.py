"""A certificate in words, part by part, for the window, paper and the command. No names of patients."""

from __future__ import annotations

from collections.abc import Iterator

from app.clock import london_text
from app.domain.outcomes import REASON_LABELS, STATE_LABELS, ItemState
from app.domain.phrases import count
from app.domain.states import RunStatus
from app.engine.certificate import Certificate, OutcomeCount, checks_of, exceptions_of, is_complete
from app.engine.confirmation_words import headline, when_and_who
from app.engine.ports import RunView
from app.engine.practice import PracticeInfo, SpineKind

TITLE = "Go-live certificate: Consent Migration to the Summary Care Record"
COMPLETE = "COMPLETE. Everything below adds up, and nothing is left to do."
COMPLETE_WITH_MORE = "COMPLETE. Everything below adds up. What is left to look after is named."
NOT_COMPLETE = "NOT COMPLETE. What does not hold is marked below, with what is left."
REHEARSAL = "REHEARSAL with a simulated Spine: nothing of this reached the NHS Spine."
NEVER_READ_BACK = "The dissents were never read back from the Spine. Use Confirm dissents."
DEMONSTRATION = "DEMONSTRATION: the patients are invented."
PASSED, NOT_PASSED = "Yes", "NO"

_MOST_RUNS = 6

_ENDS = (ItemState.SENT, ItemState.FAILED, ItemState.NOT_REQUIRED, None)
"""The outcomes of which a certificate tells, none at the end."""

_STATUS_WORDS = {
    RunStatus.SCHEDULED: "scheduled",
    RunStatus.RUNNING: "not ended",
    RunStatus.STOPPED: "paused",
    RunStatus.COMPLETED: "completed",
    RunStatus.ABANDONED: "abandoned",
}


def verdict(certificate: Certificate) -> str:
    """The whole in one sentence."""
    if not is_complete(certificate):
        return NOT_COMPLETE
    return COMPLETE_WITH_MORE if exceptions_of(certificate) else COMPLETE


def practice_line(certificate: Certificate) -> str:
    """The practice's name and code."""
    practice = certificate.practice
    return ", ".join(filter(None, (practice.name, practice.ods_code))) or "Practice without a name"


def taken_line(certificate: Certificate) -> str:
    """Who made it, and when."""
    return f"Made {london_text(certificate.taken_at)} by {certificate.taken_by}."


def warning(certificate: Certificate) -> str:
    """What must be said of a practice that is not a real one; empty for a real one."""
    return warning_of(certificate.practice)


def warning_of(practice: PracticeInfo) -> str:
    """The same for anything else that tells of a practice."""
    if practice.spine is SpineKind.SIMULATED:
        return REHEARSAL
    return DEMONSTRATION if practice.demonstration else ""


def run_lines(certificate: Certificate) -> list[str]:
    """The latest runs, each in a line."""
    runs = certificate.figures.runs
    lines = [_run_line(run) for run in runs[:_MOST_RUNS]]
    if not runs:
        lines.append("There has been no run yet.")
    elif len(runs) > _MOST_RUNS:
        lines.append(f"And {count(len(runs) - _MOST_RUNS)} earlier runs, which count too.")
    return lines


def outcome_rows(certificate: Certificate) -> list[tuple[str, str, str]]:
    """The latest outcomes: outcome, reason, patients. The sum of an outcome stands before its reasons."""
    return list(_outcome_rows(certificate))


def check_rows(certificate: Certificate) -> list[tuple[str, str]]:
    """Every check with Yes or NO."""
    return [(PASSED if check.passed else NOT_PASSED, check.words) for check in checks_of(certificate)]


def exception_lines(certificate: Certificate) -> list[str]:
    """What is left to look after."""
    return [f"{words}: {count(number)}" for words, number in exceptions_of(certificate).items()]


def read_back_lines(certificate: Certificate) -> list[str]:
    """The statement about the dissents that were read back."""
    confirmation = certificate.confirmation
    return [NEVER_READ_BACK] if confirmation is None else [headline(confirmation), when_and_who(confirmation)]


def seal_line(certificate: Certificate) -> str:
    """The end of the audit trail, by which this certificate can be found in it again."""
    figures = certificate.figures
    return f"Audit trail: {count(figures.events)} events, sealed {figures.seal}"


def text_lines(certificate: Certificate) -> Iterator[str]:
    """The certificate as plain text, one page of it."""
    yield TITLE
    yield practice_line(certificate)
    yield taken_line(certificate)
    if words := warning(certificate):
        yield words
    yield ""
    yield verdict(certificate)
    yield from ("", "Latest outcome of every active patient, over all runs")
    for state, reason, patients in outcome_rows(certificate):
        yield f"  {state or '  ' + reason:<44}{patients:>9}"
    yield ""
    for sign, words in check_rows(certificate):
        yield f"  [{sign:>3}] {words}"
    left = exception_lines(certificate)
    yield from ("", "Left to look after", *(f"  {line}" for line in left or ["Nothing."]))
    yield from ("", "Dissents read back", *(f"  {line}" for line in read_back_lines(certificate)))
    yield from ("", "Runs", *(f"  {line}" for line in run_lines(certificate)))
    yield from ("", seal_line(certificate))


def _outcome_rows(certificate: Certificate) -> Iterator[tuple[str, str, str]]:
    outcomes = certificate.figures.outcomes
    for state in _ENDS:
        words = "No outcome yet" if state is None else STATE_LABELS[state]
        own = [one for one in outcomes if one.state is state]
        yield words, "", count(sum(one.patients for one in own))
        yield from (("", _reason(one), count(one.patients)) for one in own if one.reason is not None)
    yield "Active patients", "", count(sum(one.patients for one in outcomes))


def _reason(one: OutcomeCount) -> str:
    return REASON_LABELS[one.reason] if one.reason is not None else ""


def _run_line(run: RunView) -> str:
    ended = f" to {london_text(run.ended_at)}" if run.ended_at is not None else ""
    group = f", only the group {run.group}" if run.group else ""
    counts = run.counts
    return (
        f"Run {run.run_id}, {london_text(run.started_at or run.created_at)}{ended}, {_STATUS_WORDS[run.status]}, by "
        f"{run.operator}{group}: {count(counts.sent)} sent, {count(counts.failed)} failed, "
        f"{count(counts.not_required)} not required, {count(counts.unprocessed + counts.sending)} left."
    )
