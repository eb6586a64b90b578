"""One patient's story in sentences: the record before and now, what the Spine holds, each run and its events. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.clock import LONDON
from app.domain.actions import FAMILIES
from app.domain.decision import Permission
from app.domain.outcomes import REASON_WORDS, STATE_LABELS, ItemState, Reason
from app.domain.rule_words import rule_words
from app.domain.states import IntentState
from app.domain.terms import NO_PREFERENCE
from app.engine.lists import Worklist
from app.engine.reports import Medium
from app.engine.rows import ResendReason
from app.engine.spine_port import AnswerKind
from app.engine.story import Happening, MarkNote, PatientStory, Person, RunStory, StoryEvent, TermLine
from app.engine.worklists import WORKLISTS
from app.ui.formatting import count, moment
from app.ui.patients import words
from app.ui.patients.list_model import spine_words
from app.ui.tones import Tone

Fact = tuple[str, str]
"""A word and what it is for this patient."""


@dataclass(frozen=True, slots=True)
class TermModel:
    """One entry of the record. `note` says what is to be known of it besides."""

    term: str
    wording: str
    recorded: str
    note: str
    counts: bool


@dataclass(frozen=True, slots=True)
class EventModel:
    """One event: when, what happened, by whom; ids and codes stand behind Details."""

    time: str
    what: str
    by: str
    details: str


@dataclass(frozen=True, slots=True)
class RunModel:
    """One run: its decision with the rule that made it, what became of the record, and what happened, in order.

    `record` are sentences: the record before this pass where nothing above has told it already, and what the pass left.
    `since_before` are the events between the run before and this one.
    """

    heading: str
    tone: Tone
    decision: str
    rule: str
    facts: tuple[Fact, ...]
    details: str
    events: tuple[EventModel, ...]
    record: tuple[str, ...]
    since_before: tuple[EventModel, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryModel:
    """The page. Where no entry counts, "No Preference Expressed" stands first among the record's. `since` is what
    happened after the latest run, `notes` what staff have noted on worklists.
    """

    name: str
    facts: tuple[Fact, ...]
    before: tuple[TermModel, ...]
    now: tuple[TermModel, ...]
    note: str
    runs: tuple[RunModel, ...]
    runs_note: str
    since: tuple[EventModel, ...] = ()
    notes: tuple[str, ...] = ()


_REPLACED = (
    "A newer list has taken the place of this record since. What the migration had changed before that is told below."
)
_NOT_IN_A_RUN = "No run has taken this patient in yet."

ANSWER_WORDS: dict[AnswerKind, str] = {
    AnswerKind.CONSENT: "The Spine told what it holds.",
    AnswerKind.ACCEPTED: "The Spine accepted it.",
    AnswerKind.REJECTED: "The Spine refused it.",
    AnswerKind.ACCESS_REFUSED: "The Spine refused access to this patient.",
    AnswerKind.UNKNOWN: "No clear answer came, so it is not known whether it arrived.",
    AnswerKind.UNAVAILABLE: "The Spine gave no usable answer.",
    AnswerKind.NOT_UNDERSTOOD: "The answer could not be understood.",
    AnswerKind.NO_CONNECTION: "The Spine could not be reached: nothing was sent.",
    AnswerKind.THROTTLED: "The Spine asked to wait: it was not processed.",
    AnswerKind.UNAUTHENTICATED: "The Spine wanted a fresh sign-in: it was not processed.",
    AnswerKind.NOT_AUTHORISED: "The Spine did not accept the role: it was not processed.",
    AnswerKind.CONFIGURATION: "The connection is not set up rightly: it was not processed.",
    AnswerKind.NOT_SENT: "It was held back before anything was sent.",
}

RESEND_WORDS: dict[ResendReason, str] = {
    ResendReason.READBACK_NOT_APPLIED: "reading the Spine back showed that it had not been applied",
    ResendReason.NO_READBACK: "the Spine tells nothing that could be read back, and a repeat changes nothing",
    ResendReason.NOT_PROCESSED: "it had not been processed before",
}

MESSAGE_WORDS: dict[IntentState, str] = {
    IntentState.PREPARED: "Reading the Spine back showed that the message had not been applied.",
    IntentState.IN_FLIGHT: "The message is under way.",
    IntentState.UNKNOWN: "Whether the message arrived is to be settled by reading the Spine back.",
    IntentState.CONFIRMED: "Reading the Spine back showed that the message is there.",
    IntentState.REJECTED: "The message was given up: the Spine refuses it.",
    IntentState.SUPERSEDED: "The message was given up: it is no longer what the record says.",
    IntentState.CONFLICT: "The Spine holds something else by now: a person must look at it.",
}

_TONES = {ItemState.SENT: Tone.DONE, ItemState.FAILED: Tone.FAILED, ItemState.SENDING: Tone.ACCENT}


def story_model(story: PatientStory) -> StoryModel:
    """The page for a patient."""
    person = story.person
    return StoryModel(
        name=f"{person.surname}, {person.forename}",
        facts=_facts(person),
        before=_record(story.before),
        now=_record(story.now),
        note=_REPLACED if story.record_replaced else "",
        runs=_runs(story),
        runs_note=_runs_note(story),
        since=tuple(_event(one) for one in story.outside if not story.runs or one.at >= story.runs[-1].begun_at),
        notes=tuple(_mark(one) for one in story.marks),
    )


def _runs(story: PatientStory) -> tuple[RunModel, ...]:
    told, since, left = [], datetime.min.replace(tzinfo=UTC), ""
    for run in story.runs:
        between = tuple(_event(one) for one in story.outside if since <= one.at < run.begun_at)
        before, after = _record_words(run.before), _record_words(run.after)
        told.append(replace(_run(run), since_before=between, record=_course_of_record(left, before, after)))
        since, left = run.begun_at, after
    return tuple(told)


def _course_of_record(left: str, before: str, after: str) -> tuple[str, ...]:
    """The record in a pass: as it was before, unless the pass before it `left` it so, and as it was after."""
    known = () if before == left else (f"Record before this pass: {before}",)
    return (*known, "This pass left the record as it was." if after == before else f"Record after this pass: {after}")


def _mark(made: MarkNote) -> str:
    state = "dealt with" if made.dealt_with else "still to do"
    note = f": {made.note}" if made.note else ""
    return f"{WORKLISTS[made.worklist].title}, {state}, by {made.by} on {moment(made.at)}{note}"


def _facts(person: Person) -> tuple[Fact, ...]:
    flags = [
        word
        for word, is_set in (
            ("FP69", person.fp69),
            ("Sensitive record", person.sensitive),
            ("Not linked with PDS", not person.pds_linked),
            ("Record in use", person.record_in_use),
        )
        if is_set
    ]
    return (
        ("NHS number", words.spaced_number(person.nhs_number)),
        ("Born", words.day(person.date_of_birth)),
        ("Registration", words.REGISTRATION_WORDS[person.registration]),
        ("Flags", ", ".join(flags) or "none"),
        ("Groups", ", ".join(person.groups) or "none"),
        ("Practice reference", person.patient_ref),
    )


def _record(lines: Sequence[TermLine]) -> tuple[TermModel, ...]:
    terms = tuple(_term(line) for line in lines)
    return terms if any(one.counts for one in terms) else (TermModel(NO_PREFERENCE, "", "", "", False), *terms)


def _term(line: TermLine) -> TermModel:
    recorded = f"Dated {words.day(line.event_date)}, by {line.recorded_by or 'unknown'}"
    if line.recorded_at is not None:
        recorded += f", recorded {moment(line.recorded_at)}"
    return TermModel(words.term(line.code), line.term, recorded, _note(line), line.counts)


def _note(line: TermLine) -> str:
    if line.counts:
        return "Counts"
    if not line.is_consent:
        return "Not about the summary: never touched"
    return "Dated in the future: does not count yet" if line.is_ahead else ""


def _runs_note(story: PatientStory) -> str:
    if not story.runs:
        return _NOT_IN_A_RUN
    if story.left_out:
        return f"The {count(story.left_out)} earliest events are too many to show here; the audit trail holds them."
    return ""


def _run(run: RunStory) -> RunModel:
    told = run.outcome
    family = FAMILIES[run.family].title if run.family in FAMILIES else run.family
    group = f", group {run.group}" if run.group else ""
    return RunModel(
        heading=f"{family}, begun on {moment(run.begun_at)}{group}",
        tone=_TONES.get(told.state, Tone.QUIET),
        decision=outcome_words(told.state, told.reason),
        rule=rule_words(run.rule) if run.rule is not None else "",
        record=(),
        facts=(
            ("Summary on the Spine", words.summary(told.summary)),
            ("Consent on the Spine before", words.permission(told.permission_before)),
            ("Consent on the Spine after", words.permission(told.permission_after)),
            ("Messages sent", str(told.attempts)),
        ),
        details=spine_words(told.spine_code, told.spine_text),
        events=tuple(_event(one) for one in run.events),
    )


def _record_words(lines: Sequence[TermLine]) -> str:
    """A record in one sentence, the entry that counts first; where none does, No Preference Expressed."""
    counting = [f"{_dated(one)} (counts)" for one in lines if one.counts]
    return ", ".join([*(counting or [NO_PREFERENCE]), *(_dated(one) for one in lines if not one.counts)])


def _dated(line: TermLine) -> str:
    return f"{words.term(line.code)} of {words.day(line.event_date)}"


def outcome_words(state: ItemState, reason: Reason | None) -> str:
    """An outcome with its reason, in a sentence or two."""
    word = STATE_LABELS[state]
    return f"{word}. {REASON_WORDS[reason]}" if reason is not None else f"{word}."


def _event(event: StoryEvent) -> EventModel:
    return EventModel(words.time_of(event.at), _what(event), event.actor, _details(event))


def _what(event: StoryEvent) -> str:
    if event.what is Happening.ENTRY_CONVERTED:
        return f"{words.term(event.before)} became {words.term(event.after)} in the record."
    if event.what is Happening.ENTRY_ADDED:
        return f"{words.term(event.after)} was added to the record."
    if event.what is Happening.MESSAGE_PREPARED:
        return "A message was prepared: the Spine is to hold a dissent (No)."
    if event.what is Happening.MESSAGE_MOVED:
        return MESSAGE_WORDS[IntentState(event.after or "")]
    if event.what is Happening.ATTEMPT_STARTED:
        again = event.attempt.resent_because if event.attempt is not None else ""
        return f"The message was sent again: {RESEND_WORDS[ResendReason(again)]}." if again else "The message was sent."
    if event.what is Happening.ATTEMPT_ENDED:
        return ANSWER_WORDS[AnswerKind(event.after or "")]
    if event.what is Happening.OUTCOME:
        decided = outcome_words(ItemState(event.after or ""), event.reason)
        return decided if event.rule is None else f"{decided} This follows rule {event.rule}."
    return _outside(event)


def _outside(event: StoryEvent) -> str:
    """What somebody did about the patient between the runs."""
    if event.what is Happening.PATIENT_MARKED:
        worklist = WORKLISTS[Worklist(event.detail)].title
        done = f"was marked as {event.after.replace('_', ' ')}" if event.after else "lost the mark"
        return f"The patient {done} on the worklist {worklist}."
    if event.what is Happening.REPORT_TAKEN:
        return _taken_words(event.detail)
    told = words.permission(Permission(event.after)) if event.after else ""
    if event.what is Happening.DISSENT_READ_BACK:
        if not told:
            return "The dissent could not be read back from the Spine."
        return f"The dissent was read back from the Spine, which holds: {told}."
    if event.what is Happening.SPINE_NOT_TOLD:
        return "The Spine was asked about this patient and gave no usable answer."
    return f"The Spine was asked about this patient. It holds: {told}."


def _taken_words(detail: str) -> str:
    """How a story left the program; its copies on the clipboard were once called copied."""
    how = [*detail.split(", "), ""][1]
    if how == Medium.PRINT:
        return "This story was printed."
    return f"This story was {'saved as a PDF file' if how == Medium.PDF else 'copied out of the program'}."


def _details(event: StoryEvent) -> str:
    parts = [f"Event {event.number} at {event.at.astimezone(LONDON):%H:%M:%S}"]
    if event.request_id:
        parts.append(f"message {event.request_id}")
    attempt = event.attempt
    if attempt is not None:
        parts.append(f"attempt {attempt.correlation_id}")
        if event.what is Happening.ATTEMPT_ENDED:
            parts.append(f"HTTP {attempt.http_status}" if attempt.http_status is not None else "no HTTP status")
            parts += filter(None, [spine_words(attempt.spine_code, attempt.spine_text)])
    return ", ".join(parts)
