"""What a reply means: one table for reads, one for the write (faults page, section 1).

Whatever is not in a table is "not understood" for a read and "unknown" for the write; neither ever counts as
"no dissent" or as "not applied".
"""

from __future__ import annotations

from datetime import datetime

from app.domain.decision import DISSENT_REFUSAL
from app.engine.spine_port import AnswerKind, SpineAnswer
from app.spine.exchange import Reply, Trouble
from app.spine.messages import read_consent
from app.spine.operation_outcome import ErrorTold, read_error
from app.spine.retry_after import read_retry_after
from app.spine.strict_json import NotUnderstood

_ACCESS_CONTROL = "420"
_DISSENT = "30418"
_NHS_NUMBER_UNKNOWN = "35160"
_DUPLICATE_MESSAGE = "401"

_BY_STATUS = {
    401: AnswerKind.UNAUTHENTICATED,
    405: AnswerKind.CONFIGURATION,
    413: AnswerKind.CONFIGURATION,
    415: AnswerKind.CONFIGURATION,
    429: AnswerKind.THROTTLED,
    **dict.fromkeys(range(300, 400), AnswerKind.CONFIGURATION),
}
"""Statuses that mean the same for both, whatever the body says: refused before anything was done."""

_NOT_SENT = {
    Trouble.SET_UP: AnswerKind.CONFIGURATION,
    Trouble.CERTIFICATE: AnswerKind.CONFIGURATION,
    Trouble.NOT_CONNECTED: AnswerKind.NO_CONNECTION,
}
_TROUBLE_TEXT = {
    Trouble.SET_UP: "The address or the settings of the connection cannot be used.",
    Trouble.CERTIFICATE: "A certificate was not accepted.",
    Trouble.NOT_CONNECTED: "No connection could be made.",
    Trouble.BROKEN: "The connection ended before the answer was whole.",
    Trouble.TOO_LARGE: "The answer was larger than any that could be meant.",
    Trouble.ANOTHERS: "The answer belongs to another request.",
}
_UNREADABLE = "The answer could not be read."


def classify_read(reply: Reply, nhs_number: str, now: datetime) -> SpineAnswer:
    """What the reply to a consent query means; never raises. `now` is for a Retry-After."""
    try:
        return _read_answer(reply, nhs_number, now)
    except Exception:  # noqa: BLE001 - an answer that breaks its reader is not understood
        return SpineAnswer(AnswerKind.NOT_UNDERSTOOD, reply.status, text=_UNREADABLE)


def classify_write(reply: Reply, now: datetime) -> SpineAnswer:
    """What the reply to a dissent means; never raises. `now` is for a Retry-After."""
    try:
        return _write_answer(reply, now)
    except Exception:  # noqa: BLE001 - an answer that breaks its reader tells nothing
        return SpineAnswer(AnswerKind.UNKNOWN, reply.status, text=_UNREADABLE)


def _read_answer(reply: Reply, nhs_number: str, now: datetime) -> SpineAnswer:
    if reply.trouble in _NOT_SENT:
        return _lost(_NOT_SENT[reply.trouble], reply)
    if reply.trouble is Trouble.BROKEN or reply.status is None:
        # Not even its status counts: headers cut off in the middle look like a whole answer.
        return _lost(AnswerKind.UNAVAILABLE, reply)
    if reply.trouble is Trouble.ANOTHERS:
        return _lost(AnswerKind.NOT_UNDERSTOOD, reply)
    if reply.status == 200:
        return _consent(reply, nhs_number)
    told = _told(reply)
    if reply.status == 403 and told is not None and _DISSENT in told.codes:
        return SpineAnswer(AnswerKind.CONSENT, 403, told.spine_code, told.text, consent=DISSENT_REFUSAL)
    return _error(_read_kind(reply.status, told), reply, told, now)


def _write_answer(reply: Reply, now: datetime) -> SpineAnswer:
    if reply.trouble in _NOT_SENT:
        return _lost(_NOT_SENT[reply.trouble], reply)
    if reply.trouble is Trouble.ANOTHERS or reply.status is None:
        return _lost(AnswerKind.UNKNOWN, reply)
    if reply.status == 201:
        # The status line decides, whatever happened to the rest.
        return SpineAnswer(AnswerKind.ACCEPTED, 201)
    told = _told(reply)
    return _error(_write_kind(reply.status, told), reply, told, now)


def _read_kind(status: int, told: ErrorTold | None) -> AnswerKind:
    """Every status of a read but 200, and but 403 that tells of a dissent; `told` is None for a body not whole."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 500 <= status <= 599:
        return AnswerKind.UNAVAILABLE
    if told is None:
        return AnswerKind.NOT_UNDERSTOOD
    if status == 403:
        return _refused_access(told)
    if status == 404:
        # About the patient only if the service says so: a wrong address answers 404 too, in its own way.
        about_patient = told.understood and not told.about_path
        return AnswerKind.REJECTED if about_patient else AnswerKind.CONFIGURATION
    if status == 400 and (told.about_role or told.about_set_up):
        return _refused_user_or_application(told)
    if status == 400 and _NHS_NUMBER_UNKNOWN in told.codes:
        return AnswerKind.REJECTED
    return AnswerKind.NOT_UNDERSTOOD


def _write_kind(status: int, told: ErrorTold | None) -> AnswerKind:
    """Every status of the write but 201; `told` is None for a body not whole."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status == 404:
        return AnswerKind.CONFIGURATION
    if told is not None and status == 403:
        # A dissent is in force, perhaps this very one: reading back settles it.
        return AnswerKind.UNKNOWN if _DISSENT in told.codes else _refused_access(told)
    if told is not None and status == 400:
        return _refused_write(told)
    return AnswerKind.UNKNOWN


def _refused_write(told: ErrorTold) -> AnswerKind:
    if told.about_role or told.about_set_up:
        return _refused_user_or_application(told)
    # A message id that was used before: the message has been received already.
    return AnswerKind.UNKNOWN if _DUPLICATE_MESSAGE in told.codes else AnswerKind.REJECTED


def _refused_user_or_application(told: ErrorTold) -> AnswerKind:
    """The gateway's and the service's 400 that is about no patient, and refused before anything was done."""
    return AnswerKind.NOT_AUTHORISED if told.about_role else AnswerKind.CONFIGURATION


def _refused_access(told: ErrorTold) -> AnswerKind:
    return AnswerKind.ACCESS_REFUSED if _ACCESS_CONTROL in told.codes else AnswerKind.NOT_AUTHORISED


def _consent(reply: Reply, nhs_number: str) -> SpineAnswer:
    if reply.trouble is not None:
        return _lost(AnswerKind.NOT_UNDERSTOOD, reply)
    try:
        consent = read_consent(reply.body, nhs_number)
    except NotUnderstood as reason:
        return SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200, text=f"The answer was not understood: {reason}.")
    return SpineAnswer(AnswerKind.CONSENT, 200, consent=consent)


def _told(reply: Reply) -> ErrorTold | None:
    return read_error(reply.body) if reply.trouble is None else None


def _error(kind: AnswerKind, reply: Reply, told: ErrorTold | None, now: datetime) -> SpineAnswer:
    if told is None:
        return _lost(kind, reply)
    wait = read_retry_after(reply.headers.get("Retry-After"), now)
    return SpineAnswer(kind, reply.status, told.spine_code, told.text, retry_after=wait)


def _lost(kind: AnswerKind, reply: Reply) -> SpineAnswer:
    text = _TROUBLE_TEXT[reply.trouble] if reply.trouble else ""
    return SpineAnswer(kind, reply.status, text=text)
