"""Runs, executions and events of the audit trail in words, for the window and the commands alike."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.actions import FAMILIES
from app.domain.phrases import count
from app.domain.states import STOP_WORDS, RunStatus, StopReason
from app.engine.audit_trail import AuditAction, Damage, TrailLine, TrailVerdict
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

KIND_WORDS: Mapping[str, str] = {
    AuditAction.DATABASE_MADE: "Practice database made",
    AuditAction.SPINE_MARKED: "Bound to a Spine",
    AuditAction.LIST_IMPORTED: "List imported",
    AuditAction.LIST_UPDATED: "List updated",
    AuditAction.LIST_EXPORTED: "List exported",
    AuditAction.REPORT_TAKEN: "Report taken",
    AuditAction.RUN_BEGUN: "Run begun",
    AuditAction.RUN_ABANDONED: "Run abandoned",
    AuditAction.RUN_TAKEN_BACK: "Run paused again",
    AuditAction.EXECUTION_BEGUN: "Execution begun",
    AuditAction.EXECUTION_ENDED: "Execution ended",
    AuditAction.RESTORED: "Backup restored",
    AuditAction.DATABASE_MOVED: "Moved to a shared database",
    AuditAction.STOP_REQUESTED: "Stop requested",
    AuditAction.CLOCK_JUMPED: "Clock set",
    AuditAction.ENTRY_CONVERTED: "Term converted",
    AuditAction.ENTRY_ADDED: "Term added",
    AuditAction.MESSAGE_PREPARED: "Message prepared",
    AuditAction.MESSAGE_MOVED: "Message settled",
    AuditAction.ATTEMPT_STARTED: "Message sent",
    AuditAction.ATTEMPT_ENDED: "Message answered",
    AuditAction.OUTCOME: "Outcome",
    AuditAction.SCHEDULE_ADDED: "Schedule added",
    AuditAction.SCHEDULE_ENDED: "Schedule ended",
    AuditAction.OCCURRENCE: "Set time came due",
    AuditAction.PREVIEW_TAKEN: "Preview taken",
    AuditAction.CERTIFICATE_TAKEN: "Certificate taken",
    AuditAction.PATIENT_MARKED: "Patient marked on a worklist",
    AuditAction.SPINE_CHECKED: "One patient looked at",
    AuditAction.SPINE_NOT_TOLD: "One patient looked at, not told",
    AuditAction.CONFIRMATION_BEGUN: "Confirming begun",
    AuditAction.CONFIRMATION_ENDED: "Confirming ended",
    AuditAction.DISSENT_READ_BACK: "Dissent read back",
    AuditAction.GROUP_ENLARGED: "Group enlarged",
    AuditAction.GROUP_REDUCED: "Group reduced",
    AuditAction.GROUP_MADE: "Group made",
    AuditAction.GROUP_RENAMED: "Group renamed",
    AuditAction.GROUP_DELETED: "Group deleted",
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
