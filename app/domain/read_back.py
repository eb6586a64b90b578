"""What reading a dissent back from the Spine shows: whether what was sent, or found there once, still stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.decision import Permission, SpineConsent
from app.domain.outcomes import Reason
from app.domain.patient import PatientRecord


class ReadBack(StrEnum):
    """What was found about one patient whose dissent the Spine was known to hold."""

    OTHERWISE = "otherwise"
    """The Spine answered plainly, and it holds no dissent: the patient's summary may be looked at."""
    NOT_READ = "not_read"
    """Nobody was asked about the patient, or no answer came that could be understood."""
    NOT_TOLD = "not_told"
    """The Spine has no summary of the patient, and says nothing of the consent."""
    STILL_NO = "still_no"
    """The dissent is on the Spine."""


def read_back_of(consent: SpineConsent) -> ReadBack:
    """What an answer shows."""
    if consent.permission is Permission.NO:
        return ReadBack.STILL_NO
    if consent.permission is Permission.NOT_TOLD:
        return ReadBack.NOT_TOLD
    return ReadBack.OTHERWISE


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one patient, and when (UTC).

    `consent` is what the Spine told, None where it was not read; then `reason` says why.
    """

    record: PatientRecord
    found: ReadBack
    at: datetime
    consent: SpineConsent | None = None
    reason: Reason | None = None
