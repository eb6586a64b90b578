"""The statements of a group of changes, gathered patient by patient and run in batches, with their audit events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from app.domain.decision import Permission
from app.domain.outcomes import ItemState, Reason
from app.domain.states import IntentState
from app.domain.terms import IMPLIED_CONSENT, TERMS
from app.engine.rows import AttemptEnd, Change, ExecutionKey, IntentChange, NewAttempt, NewIntent
from app.engine.spine_port import AnswerKind
from app.storage.audit import AuditAction, AuditEvent, append
from app.storage.faults import InconsistentChange
from app.storage.tables import attempt, consent_entry, intent, item, patient
from app.storage.work_items import NEVER_LEFT

DESIRED = "No"
"""The only value this process ever asks the Spine to hold."""

_WAITING_STATES = frozenset({ItemState.UNPROCESSED, ItemState.SENDING})

_CONVERT = (
    update(consent_entry)
    .where(
        consent_entry.c.id == bindparam("entry"),
        consent_entry.c.patient_id == bindparam("of_patient"),
        consent_entry.c.code == bindparam("old_code"),
    )
    .values(code=bindparam("new_code"), term=bindparam("new_term"))
)
_ENTRY = consent_entry.c
ADD_LAST = insert(consent_entry).from_select(
    ["patient_id", "position", "code", "term", "event_date", "recorded_at", "recorded_by"],
    select(
        bindparam("of_patient", type_=_ENTRY.patient_id.type),
        func.coalesce(func.max(_ENTRY.position), 0) + 1,
        bindparam("new_code", type_=_ENTRY.code.type),
        bindparam("new_term", type_=_ENTRY.term.type),
        bindparam("on_date", type_=_ENTRY.event_date.type),
        bindparam("at_time", type_=_ENTRY.recorded_at.type),
        bindparam("by_whom", type_=_ENTRY.recorded_by.type),
    ).where(_ENTRY.patient_id == bindparam("of_patient", type_=_ENTRY.patient_id.type)),
)
"""Append an entry to a patient's record."""

NEXT_VERSION = (
    update(patient).where(patient.c.id == bindparam("of_patient")).values(consent_version=patient.c.consent_version + 1)
)
"""Count a patient's record up, so that whatever was decided on it before is stale."""

_MOVE_INTENT = (
    update(intent)
    .where(intent.c.request_id == bindparam("request"))
    .values(
        state=bindparam("new_state"),
        spine_code=bindparam("code"),
        spine_text=bindparam("text"),
        changed_at=bindparam("at_time"),
    )
)
_MAKE_INTENT = insert(intent)
_START_ATTEMPT = insert(attempt)
_END_ATTEMPT = (
    update(attempt)
    .where(attempt.c.correlation_id == bindparam("correlation"))
    .values(
        ended_at=bindparam("at_time"),
        answer_class=bindparam("kind"),
        http_status=bindparam("status"),
        spine_code=bindparam("code"),
        spine_text=bindparam("text"),
    )
)
_SET_ITEM = (
    update(item)
    .where(item.c.id == bindparam("of_item"))
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        mismatch=bindparam("is_mismatch"),
        attempts=item.c.attempts + bindparam("more_attempts"),
        next_attempt_at=bindparam("due_at"),
        deferrals=bindparam("put_off"),
        processed_at=bindparam("done_at"),
        spine_code=bindparam("code"),
        spine_text=bindparam("text"),
        execution_id=bindparam("by_execution"),
        rule=func.coalesce(bindparam("by_rule", type_=item.c.rule.type), item.c.rule),
        # What was first told in this run stays: it is what the patient was found with.
        code_before=func.coalesce(item.c.code_before, bindparam("first_code", type_=item.c.code_before.type)),
        scr_on_spine=func.coalesce(item.c.scr_on_spine, bindparam("first_summary", type_=item.c.scr_on_spine.type)),
        # But where nothing was told first, a later answer that there is no dissent must not be lost on the worklists.
        permission_before=case(
            (
                item.c.permission_before == Permission.NOT_TOLD,
                func.coalesce(bindparam("no_dissent", type_=item.c.permission_before.type), item.c.permission_before),
            ),
            else_=func.coalesce(
                item.c.permission_before, bindparam("first_permission", type_=item.c.permission_before.type)
            ),
        ),
    )
)


class Batch:
    """What a group of changes writes; each patient appears in it at most once."""

    def __init__(self, key: ExecutionKey, actor: str) -> None:
        self._key = key
        self._actor = actor
        self._conversions: list[dict[str, Any]] = []
        self._additions: list[dict[str, Any]] = []
        self._versions: list[dict[str, Any]] = []
        self._moved_intents: list[dict[str, Any]] = []
        self._new_intents: list[dict[str, Any]] = []
        self._ended_attempts: list[dict[str, Any]] = []
        self._new_attempts: list[dict[str, Any]] = []
        self._items: list[dict[str, Any]] = []
        self._events: list[AuditEvent] = []

    def change_record(self, change: Change) -> None:
        """Convert legacy entries in place, add implied consent as the last one, and count the version up once."""
        for conversion in change.local.conversions:
            self._conversions.append(
                {
                    "entry": conversion.entry_id,
                    "of_patient": change.patient_id,
                    "old_code": conversion.old_code,
                    "new_code": conversion.new_code,
                    "new_term": TERMS[conversion.new_code].wording,
                }
            )
            detail = f"entry {conversion.entry_id}"
            self._tell(change, AuditAction.ENTRY_CONVERTED, conversion.old_code, conversion.new_code, detail)
        added = change.local.implied_consent
        if added is not None:
            self._additions.append(
                {
                    "of_patient": change.patient_id,
                    "new_code": IMPLIED_CONSENT.code,
                    "new_term": IMPLIED_CONSENT.wording,
                    "on_date": added.event_date,
                    "at_time": added.recorded_at,
                    "by_whom": added.recorded_by,
                }
            )
            self._tell(change, AuditAction.ENTRY_ADDED, None, IMPLIED_CONSENT.code, added.event_date.isoformat())
        self._versions.append({"of_patient": change.patient_id})

    def move_intent(self, change: Change, moved: IntentChange, state: IntentState) -> None:
        """Bring the message to its next state."""
        self._moved_intents.append(
            {
                "request": moved.request_id,
                "new_state": state,
                "code": moved.spine_code,
                "text": moved.text,
                "at_time": change.outcome.at,
            }
        )
        # The end of an attempt and the start of one tell the rest.
        if change.attempt_end is None and moved.state not in {moved.expected, IntentState.IN_FLIGHT}:
            self._tell(
                change, AuditAction.MESSAGE_MOVED, moved.expected, moved.state, moved.spine_code, moved.request_id
            )

    def make_intent(self, change: Change, new: NewIntent, version: int, state: IntentState) -> None:
        """Prepare a message; `version` is the record's after the change it belongs to."""
        self._new_intents.append(
            {
                "request_id": new.request_id,
                "patient_id": change.patient_id,
                "run_id": self._key.run_id,
                "desired": DESIRED,
                "consent_version": version,
                "snapshot_summary": new.snapshot.summary,
                "snapshot_permission": new.snapshot.permission,
                "state": state,
                "prepared_at": change.outcome.at,
                "changed_at": change.outcome.at,
            }
        )
        before = new.snapshot.permission
        self._tell(change, AuditAction.MESSAGE_PREPARED, before, DESIRED, f"version {version}", new.request_id)

    def end_attempt(self, change: Change, end: AttemptEnd, request_id: str) -> None:
        """Close an attempt with what came of it."""
        self._ended_attempts.append(
            {
                "correlation": end.correlation_id,
                "at_time": end.ended_at,
                "kind": AnswerKind(end.answer_class),
                "status": end.http_status,
                "code": end.spine_code,
                "text": end.text,
            }
        )
        status = "no status" if end.http_status is None else f"HTTP {end.http_status}"
        detail = " ".join(part for part in (end.correlation_id, status, end.spine_code) if part)
        self._tell(change, AuditAction.ATTEMPT_ENDED, None, end.answer_class, detail, request_id, end.ended_at)

    def start_attempt(self, change: Change, new: NewAttempt, request_id: str) -> None:
        """Write the attempt down before its first byte."""
        self._new_attempts.append(
            {
                "correlation_id": new.correlation_id,
                "request_id": request_id,
                "item_id": change.item_id,
                "execution_id": self._key.execution_id,
                "reason": new.reason,
                "started_at": new.started_at,
            }
        )
        detail = " ".join(part for part in (new.correlation_id, new.reason) if part)
        self._tell(change, AuditAction.ATTEMPT_STARTED, None, DESIRED, detail, request_id, new.started_at)

    def set_item(self, change: Change, old_state: ItemState, old_reason: Reason | None) -> None:
        """Write the outcome on the item."""
        outcome = change.outcome
        reason = outcome.reason
        told = outcome.consent.permission if outcome.consent else None
        if reason is None and outcome.state is old_state:
            reason = old_reason
        self._items.append(
            {
                "of_item": change.item_id,
                "new_state": outcome.state,
                "new_reason": reason,
                "is_mismatch": outcome.mismatch,
                "more_attempts": _attempts_more(change),
                "due_at": outcome.next_attempt_at,
                "put_off": outcome.deferrals,
                "done_at": None if outcome.state in _WAITING_STATES else outcome.at,
                "code": outcome.spine_code,
                "text": outcome.text,
                "by_execution": self._key.execution_id,
                "by_rule": outcome.rule,
                "first_code": outcome.code_before,
                "first_summary": outcome.consent.summary if outcome.consent else None,
                "first_permission": told,
                "no_dissent": told if told in {Permission.ASK, Permission.YES} else None,
            }
        )
        if (outcome.state, reason) != (old_state, old_reason):
            self._tell(change, AuditAction.OUTCOME, old_state, outcome.state, outcome_detail(reason, outcome.rule))

    def write(self, connection: Connection) -> None:
        """Run what was gathered, in an order that the constraints between the tables allow."""
        if self._conversions:
            converted = connection.execute(_CONVERT, self._conversions).rowcount
            if converted != len(self._conversions):
                raise InconsistentChange("an entry to be converted is not as the decision found it")
        for statement, rows in (
            (ADD_LAST, self._additions),
            (NEXT_VERSION, self._versions),
            # A message that is settled makes room for the patient's next one.
            (_MOVE_INTENT, self._moved_intents),
            (_MAKE_INTENT, self._new_intents),
            (_END_ATTEMPT, self._ended_attempts),
            (_START_ATTEMPT, self._new_attempts),
            (_SET_ITEM, self._items),
        ):
            if rows:
                connection.execute(statement, rows)
        append(connection, self._events)

    def _tell(
        self,
        change: Change,
        action: AuditAction,
        before: str | None,
        after: str,
        detail: str = "",
        request_id: str | None = None,
        at: datetime | None = None,
    ) -> None:
        self._events.append(
            AuditEvent(
                at=at or change.outcome.at,
                actor=self._actor,
                action=action,
                run_id=self._key.run_id,
                patient_id=change.patient_id,
                request_id=request_id,
                before=before,
                after=after,
                detail=detail,
            )
        )


def outcome_detail(reason: Reason | None, rule: int | None) -> str:
    """What the trail tells of an outcome besides its state: `spine_rejected rule 17`; either part may be missing."""
    return " ".join(filter(None, (reason or "", "" if rule is None else f"rule {rule}")))


def read_outcome_detail(detail: str) -> tuple[Reason | None, int | None]:
    """The reason and the rule of such a text; those written by earlier versions hold no rule."""
    reason, _, rule = detail.rpartition("rule ")
    if not rule.isdecimal():
        return (Reason(detail) if detail else None), None
    return (Reason(reason.strip()) if reason else None), int(rule)


def _attempts_more(change: Change) -> int:
    """How many more attempts count: one begun now, less one that turns out never to have left."""
    begun = change.new_attempt is not None
    never_left = change.attempt_end is not None and change.attempt_end.answer_class in NEVER_LEFT
    return int(begun) - int(never_left)
