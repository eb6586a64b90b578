"""What a pass over the dissents comes to, in sentences: the gravest first, each with what to do. No names."""

from __future__ import annotations

from collections.abc import Iterator

from app.clock import london_text, london_time
from app.domain.outcomes import REASON_LABELS
from app.domain.phrases import count
from app.domain.read_back import ReadBack
from app.domain.states import STOP_WORDS
from app.engine.confirmation import Confirmation, NamedFinding

GONE_TO_DO = (
    "Their summaries may be looked at now. Keep them as a group, press Rerun with that group, and confirm again. Ask "
    "how it came about: nothing in this program lifts a dissent."
)
NOT_READ_TO_DO = "Look at each reason, put right what is wrong, and confirm again."
NOT_TOLD_TO_DO = (
    "The Spine has no summary of them and says nothing of their consent. Nothing speaks against the dissent, and "
    "nothing proves it: confirm again once they have a summary."
)


def headline(confirmation: Confirmation) -> str:
    """The result in one sentence."""
    gone, unread = confirmation.count(ReadBack.OTHERWISE), confirmation.count(ReadBack.NOT_READ)
    if gone:
        return f"{_dissents(gone)} {'is' if gone == 1 else 'are'} NOT on the Spine."
    if not confirmation.is_complete:
        done = confirmation.read_back + unread
        return f"Not all dissents were read back: {count(done)} of {count(confirmation.dissents)}."
    if unread:
        return f"{_dissents(unread)} could not be read back."
    there = f"{_dissents(confirmation.count(ReadBack.STILL_NO))} {_are_on_spine(confirmation)}"
    return f"{there}; of others it tells nothing." if confirmation.count(ReadBack.NOT_TOLD) else f"{there}."


def sentences(confirmation: Confirmation) -> list[str]:
    """The result with what to do, the gravest first."""
    return list(_sentences(confirmation))


def _sentences(confirmation: Confirmation) -> Iterator[str]:
    gone = confirmation.count(ReadBack.OTHERWISE)
    if gone:
        is_gone = "is NOT on the Spine, though it was" if gone == 1 else "are NOT on the Spine, though they were"
        yield f"{_dissents(gone)} {is_gone} there before. {GONE_TO_DO}"
    unread, untold = confirmation.count(ReadBack.NOT_READ), confirmation.count(ReadBack.NOT_TOLD)
    if unread:
        yield f"{_dissents(unread)} could not be read back. {NOT_READ_TO_DO}"
    if untold:
        yield f"Of {_dissents(untold).lower()} the Spine does not tell. {NOT_TOLD_TO_DO}"
    yield f"{_dissents(confirmation.count(ReadBack.STILL_NO))} {_are_on_spine(confirmation)} (No)."
    left = confirmation.dissents - confirmation.read_back - unread
    if not confirmation.is_complete and left > 0:
        why = STOP_WORDS[confirmation.end_reason] if confirmation.end_reason is not None else "It has not ended."
        yield f"{_dissents(left)} {'was' if left == 1 else 'were'} not come to. {why} Confirm again."


def when_and_who(confirmation: Confirmation) -> str:
    """When it was, and who did it."""
    begun, ended = confirmation.started_at, confirmation.ended_at
    until = "on" if ended is None else f"to {london_time(ended, begun)}"
    return f"Read back from {london_text(begun)} {until} by {confirmation.operator} on {confirmation.workstation}."


def told_of(finding: NamedFinding) -> str:
    """What the Spine told of one patient, or why it was not asked."""
    if finding.reason is not None:
        return REASON_LABELS[finding.reason]
    return f"the Spine says {finding.consent.permission}" if finding.consent is not None else ""


def _dissents(number: int) -> str:
    return "1 dissent" if number == 1 else f"{count(number)} dissents"


def _are_on_spine(confirmation: Confirmation) -> str:
    return f"{'is' if confirmation.count(ReadBack.STILL_NO) == 1 else 'are'} on the Spine"
