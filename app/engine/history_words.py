"""Runs, executions and events of the audit trail in words, for the window and the commands alike."""

from __future__ import annotations

from app.domain.actions import FAMILIES
from app.domain.phrases import count
from app.domain.states import STOP_WORDS, RunStatus, StopReason
from app.engine.audit_trail import Damage, TrailLine, TrailVerdict
from app.engine.history import ExecutionView
from app.engine.ports import RunView
from app.engine.rows import Scope

RUN_STATUS_WORDS: dict[RunStatus, str] = {
    RunStatus.SCHEDULED: "Scheduled",
    RunStatus.RUNNING: "Running",
    RunStatus.STOPPED: "Paused",
    RunStatus.COMPLETED: "Completed",
    RunStatus.ABANDONED: "Abandoned",
}

SCOPE_WORDS: dict[Scope, str] = {
    Scope.UNPROCESSED: "the patients not checked yet",
    Scope.FAILED: "the failed patients again",
}

KIND_WORDS: dict[str, str] = {
    "database_made": "Practice database made",
    "spine_marked": "Bound to a Spine",
    "list_imported": "List imported",
    "list_updated": "List updated",
    "list_exported": "List exported",
    "report_taken": "Report taken",
    "run_begun": "Run begun",
    "run_abandoned": "Run abandoned",
    "run_taken_back": "Run paused again",
    "execution_begun": "Execution begun",
    "execution_ended": "Execution ended",
    "restored": "Backup restored",
    "database_moved": "Moved to a shared database",
    "stop_requested": "Stop requested",
    "clock_jumped": "Clock set",
    "entry_converted": "Term converted",
    "entry_added": "Term added",
    "message_prepared": "Message prepared",
    "message_moved": "Message settled",
    "attempt_started": "Message sent",
    "attempt_ended": "Message answered",
    "outcome": "Outcome",
    "schedule_added": "Schedule added",
    "schedule_ended": "Schedule ended",
    "occurrence": "Set time came due",
    "preview_taken": "Preview taken",
    "certificate_taken": "Certificate taken",
    "patient_marked": "Patient marked on a worklist",
    "spine_checked": "One patient looked at",
    "spine_not_told": "One patient looked at, not told",
    "confirmation_begun": "Confirming begun",
    "confirmation_ended": "Confirming ended",
    "dissent_read_back": "Dissent read back",
    "group_enlarged": "Group enlarged",
    "group_reduced": "Group reduced",
    "group_made": "Group made",
    "group_renamed": "Group renamed",
    "group_deleted": "Group deleted",
}

_DAMAGE_WORDS: dict[Damage, str] = {
    Damage.CHANGED: "it is not as it was written",
    Damage.MISSING: "it is missing",
    Damage.CUT_SHORT: "the trail does not end where it was last written: it was cut short, or something was added",
}


def kind_words(action: str) -> str:
    """The kind of an event as staff read it; one without words of its own reads as it is written."""
    return KIND_WORDS.get(action) or plain(action).capitalize()


def plain(word: str | None) -> str:
    """A stored word without its underscores."""
    return (word or "").replace("_", " ")


def change_words(line: TrailLine) -> str:
    """What an event changed: from what to what, with whatever else it tells."""
    before, after = plain(line.before), plain(line.after)
    change = f"{before} to {after}" if before and after else before or after
    return ", ".join(filter(None, (change, plain(line.detail).replace(" rule ", ", rule "))))


def run_title(run: RunView) -> str:
    """A run by its number, process and group."""
    title = FAMILIES[run.family].title if run.family in FAMILIES else run.family
    group = f", group {run.group}" if run.group else ""
    return f"Run {run.run_id}: {title}{group}"


def end_words(execution: ExecutionView) -> str:
    """How an execution ended, without what to press: that was for then."""
    if execution.ended_at is None:
        return "Under way"
    return "Completed" if execution.end_reason is None else stop_cause(execution.end_reason, execution.end_detail)


def stop_cause(reason: StopReason, detail: str = "") -> str:
    """Why it paused, in one sentence."""
    cause = detail if reason is StopReason.DATABASE and detail else STOP_WORDS[reason]
    return cause.split(". ")[0].rstrip(".")


def verdict_words(verdict: TrailVerdict) -> str:
    """Whether the trail is whole, and where it breaks."""
    if verdict.broken_at is None or verdict.damage is None:
        return f"The audit trail is whole: {count(verdict.whole)} events, each as it was written."
    return (
        f"The audit trail is broken from event {verdict.broken_at} on: {_DAMAGE_WORDS[verdict.damage]}. It was changed "
        f"or cut short outside this program; the {count(verdict.whole)} events before are whole. "
        "Keep the database as it is and have it looked at."
    )
