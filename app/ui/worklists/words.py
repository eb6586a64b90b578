"""How worklists, marks and looks read in the window. No widgets."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.lists import OfWorklist, Worklist
from app.engine.worklists import WorklistCount, words_of
from app.ui.formatting import count, patients
from app.ui.patients import words
from app.ui.tones import Tone

ALL_ON_SPINE = "Every dissent held here has reached the Spine."
_WHERE_THEY_ARE = "The worklist Dissent not sent says who, and what is in the way."
_THEY_STAY = "They stay after the run, and empty as things are put right."
NO_PATIENT = "No patient is chosen in the list."
ONLY_MISMATCH = "This is for patients whose dissent the Spine holds and this practice's record does not."
RECORD_QUESTION = "Record a dissent for this patient here?"
RECORD_DETAIL = (
    "The Spine is asked first. If it still holds a dissent, 9Ndo. is added to the record here, dated today, in your "
    "name. Nothing is sent. If the patient wants a summary after all, press No and settle that in the patient's own "
    "record: this program never lifts a dissent."
)


def title_of(one: WorklistCount) -> str:
    """What a worklist is called in the column on the left; the parts of the failed stand in a little."""
    title = words_of(one.source).title
    return title if one.source.reason is None else f"    {words.reason(one.source.reason)}"


def left_words(one: WorklistCount) -> str:
    """How many are left, and how many more are dealt with."""
    left = f"{patients(one.left)} left" if one.left else "Nobody left"
    return f"{left}, {count(one.dealt_with)} dealt with" if one.dealt_with else left


def open_worklists(counts: Sequence[WorklistCount]) -> int:
    """How many worklists have patients left; the parts of the failed count as one with them."""
    return sum(1 for one in counts if one.left and one.source.reason is None)


def not_sent(counts: Sequence[WorklistCount]) -> int:
    """Of how many patients the dissent has not reached the Spine. One marked as dealt with still counts."""
    unsent = OfWorklist(Worklist.DISSENT_NOT_SENT)
    return sum(one.left + one.dealt_with for one in counts if one.source == unsent)


def standing_words(counts: Sequence[WorklistCount]) -> tuple[Tone, str, str]:
    """Whether every dissent held here has reached the Spine, and what there is to look at: tone, sentence, detail.

    A patient who was marked as dealt with still counts: a mark tells the Spine nothing.
    """
    number, number_open = not_sent(counts), open_worklists(counts)
    has = "worklist has" if number_open == 1 else "worklists have"
    left = f"{count(number_open)} {has} patients to look at. {_THEY_STAY}" if number_open else ""
    if not number:
        return (Tone.ACCENT if number_open else Tone.DONE), ALL_ON_SPINE, left
    whose = "The dissent of 1 patient has" if number == 1 else f"The dissents of {patients(number)} have"
    told = f"{whose} not reached the Spine yet, as far as is known."
    return Tone.FAILED, told, f"{_WHERE_THEY_ARE} {left}".strip()


def why_not_record(worklist: Worklist, *, chosen: bool, why_not: str | None) -> str | None:
    """Why no dissent can be recorded for the chosen patient, None when one can."""
    if worklist is not Worklist.MISMATCH:
        return ONLY_MISMATCH
    return why_not if chosen else NO_PATIENT
