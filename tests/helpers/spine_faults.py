"""Every kind of answer a Spine can give to a question or to a dissent, by name: faults page, section 1."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.scripted_spine import Call, Holding, Late, Script, applied_but_lost

LONGEST_LATE = 60.0
"""The Spine's own limit: what it has not applied by then it never will."""


def well(_holding: Holding, _call: Call) -> None:
    """As the Spine answers by itself."""


EITHER: Mapping[str, SpineAnswer] = {
    "rejected": SpineAnswer(AnswerKind.REJECTED, 400, "35160", "Invalid input message."),
    "access refused": SpineAnswer(AnswerKind.ACCESS_REFUSED, 403, "420", "Access control."),
    "no connection": SpineAnswer(AnswerKind.NO_CONNECTION),
    "throttled": SpineAnswer(AnswerKind.THROTTLED, 429),
    "throttled for long": SpineAnswer(AnswerKind.THROTTLED, 429, retry_after=400.0),
    "token refused": SpineAnswer(AnswerKind.UNAUTHENTICATED, 401),
    "role refused": SpineAnswer(AnswerKind.NOT_AUTHORISED, 403, text="The role was refused."),
    "set up wrongly": SpineAnswer(AnswerKind.CONFIGURATION, 404, text="Not the address."),
}
"""Answers that mean the same to a question and to a dissent."""

READS: Mapping[str, SpineAnswer | Script] = {
    "well": well,
    "server error": SpineAnswer(AnswerKind.UNAVAILABLE, 502),
    "no answer": SpineAnswer(AnswerKind.UNAVAILABLE),
    "not understood": SpineAnswer(AnswerKind.NOT_UNDERSTOOD, 200),
    **EITHER,
}
SENDS: Mapping[str, SpineAnswer | Late | Script] = {
    "well": well,
    "lost after it was applied": applied_but_lost,
    "lost before it arrived": SpineAnswer(AnswerKind.UNKNOWN, 504),
    "late": Late(50.0),
    "as late as can be": Late(LONGEST_LATE),
    "said to be a duplicate": SpineAnswer(AnswerKind.UNKNOWN, 400, "401", "Duplicate Message ID"),
    "said to be in force": SpineAnswer(AnswerKind.UNKNOWN, 403, "30418", "ACF does not permit access."),
    **EITHER,
}
