"""What stands around a list of patients: how many, filtered by what, and what is known of the chosen one. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.outcomes import Reason
from app.engine.lists import ReasonCount
from app.engine.patient_line import PatientLine
from app.ui.formatting import count, patients
from app.ui.patients import words
from app.ui.patients.manner import OF_RUNS, Manner

NOBODY = "Nobody is on this list."
NOBODY_FOUND = "Nobody on this list matches what you typed or chose."

ALL_REASONS = "All reasons"


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """One line of the filter; `reason` is None for all."""

    reason: Reason | None
    text: str


@dataclass(frozen=True, slots=True)
class ChosenModel:
    """What is said of the chosen patient below the list. `spine` are the Spine's own words, for "Details"."""

    who: str
    what: str
    spine: str


def how_many(found: int, total: int) -> str:
    """The list's length, or how many of it were found: 34 of 2,847 patients."""
    return patients(total) if found == total else f"{count(found)} of {patients(total)}"


def reason_choices(counted: Sequence[ReasonCount], manner: Manner = OF_RUNS) -> tuple[ReasonChoice, ...]:
    """The filter's lines: every reason that there is, with its number; nothing where there is no choice."""
    numbers: dict[Reason, int] = {}
    for one in counted:
        if one.reason is not None:
            numbers[one.reason] = numbers.get(one.reason, 0) + one.patients
    if len(counted) < 2:
        return ()
    total = sum(one.patients for one in counted)
    named = (ReasonChoice(reason, f"{manner.label(reason)} ({count(number)})") for reason, number in numbers.items())
    return (ReasonChoice(None, f"{ALL_REASONS} ({count(total)})"), *named)


def reason_sentences(counted: Sequence[ReasonCount], manner: Manner = OF_RUNS) -> tuple[str, ...]:
    """The list by reason for those who may not see names."""
    return tuple(
        f"{manner.label(one.reason) if one.reason else manner.state(one.state)}: {patients(one.patients)}"
        for one in counted
    )


def chosen_model(line: PatientLine, manner: Manner = OF_RUNS) -> ChosenModel:
    """What is said of a patient."""
    who = f"{line.surname}, {line.forename}, born {words.day(line.date_of_birth)}, NHS number "
    who += words.spaced_number(line.nhs_number)
    told = line.outcome
    if told is None:
        registered = f"Registration: {words.REGISTRATION_WORDS[line.registration]}."
        here = f"{registered} Recorded here: {words.term(line.code_now)}."
        return ChosenModel(who, here + _since_words(line), "")
    state = manner.state(told.state)
    what = f"{state}. {manner.sentence(told.reason)}" if told.reason is not None else f"{state}."
    return ChosenModel(who, what + _since_words(line), spine_words(told.spine_code, told.spine_text))


def _since_words(line: PatientLine) -> str:
    """What was done about a patient on a worklist, each a sentence of its own."""
    looked = f" Looked at on the Spine: {words.look(line.look)}, {line.look.by}." if line.look is not None else ""
    made = line.handling
    if made is None:
        return looked
    marked = "Dealt with" if made.dealt_with else "Still to do"
    again = "" if made.counts or not made.dealt_with else " There is a newer finding since."
    return f"{looked} {marked}, {made.by}, {words.time_of(made.at)}.{again} {made.note}".rstrip()


def spine_words(code: str, text: str) -> str:
    """The Spine's own words, with its code; empty where it said nothing of its own."""
    said = " ".join(filter(None, (code, text)))
    return f"The Spine said: {said}" if said else ""
