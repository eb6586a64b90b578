"""*Dissent not sent*, held against a model of what was told: runs, looks, read-backs and new numbers in any order.

The model is one sentence alone: a dissenter is on it unless the latest plain word about the number the
patient has now, an accepted message or an answer that tells of the consent, is No.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.domain.decision import DISSENT_REFUSAL, NO_SUMMARY, Permission, SpineConsent, Summary
from app.domain.errors import Refused
from app.engine.control import StopToken
from app.engine.lists import Worklist
from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.bench import Bench, dissenter
from tests.helpers.practice import ListOf, a_patient, an_entry, bring_in, number, patient_id
from tests.helpers.scripted_spine import Call, Holding, consent
from tests.helpers.soak import size
from tests.integration.engine.test_confirmation import service
from tests.integration.engine.test_mismatches import CLINICIAN, mismatches, refs_on

STEPS = 12
SEEDS = (9, 33, 50, 55, 61, 78)
"""In each of these evenings a look that tells nothing comes after one that told of no dissent."""


class Evening:
    """One dissenter, a Spine that answers by chance, and what it has told of the patient."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.draw = random.Random(seed)
        self.bench = Bench(folder / "practice", [dissenter("D")])
        self.bench.spine.always = self.answer
        self.told: Permission | None = None
        self.story: list[str] = []

    def answer(self, holding: Holding, call: Call) -> SpineAnswer:
        answer = self._read(holding) if call.operation == "read" else self._send(holding)
        if answer.kind is AnswerKind.ACCEPTED:
            self.told = Permission.NO
        elif answer.consent is not None and answer.consent.permission is not Permission.NOT_TOLD:
            self.told = answer.consent.permission
        self.story.append(f"{call.operation}: {answer.kind}, {answer.consent}")
        return answer

    def _read(self, holding: Holding) -> SpineAnswer:
        held = SpineConsent(Summary.YES, holding.permission or Permission.ASK)
        plain = consent(DISSENT_REFUSAL if holding.permission is Permission.NO else held)
        vague = [SpineAnswer(AnswerKind.REJECTED, 400), SpineAnswer(AnswerKind.NOT_UNDERSTOOD), consent(NO_SUMMARY)]
        return self.draw.choices([plain, *vague], [55, 7, 8, 30])[0]

    def _send(self, holding: Holding) -> SpineAnswer:
        arrived = self.draw.random() < 0.6
        kinds = [AnswerKind.ACCEPTED, AnswerKind.UNKNOWN] if arrived else [AnswerKind.REJECTED, AnswerKind.UNKNOWN]
        if arrived:
            holding.permission = Permission.NO
        return SpineAnswer(self.draw.choices(kinds, [2, 1])[0])

    def step(self) -> None:
        """Something somebody does; what is refused just now changes nothing."""
        does = self.draw.choice([self.rerun, self.failed, self.look, self.look, self.confirm, self.lift, self.correct])
        self.story.append(f"-- {does.__name__}")
        self.bench.clock.advance(60)
        self.bench.card.sign_in()
        with suppress(Refused):
            does()

    def rerun(self) -> None:
        self.bench.rerun()

    def failed(self) -> None:
        self.bench.failed()

    def look(self) -> None:
        self.bench.card.sign_in(CLINICIAN)
        mismatches(self.bench).check_again(patient_id(self.bench.database, "D"))

    def confirm(self) -> None:
        service(self.bench).confirm(StopToken())

    def lift(self) -> None:
        """Somebody elsewhere takes the dissent off the Spine, and nobody here is told."""
        self.bench.spine.holdings[self.bench.numbers["D"]].permission = Permission.ASK

    def correct(self) -> None:
        """A newer list brings another number: what was told is about somebody else."""
        right = number(len(self.bench.spine.holdings))
        bring_in(self.bench.database, ListOf([a_patient("D", right)], [an_entry("D", "9Ndo.")]), update=True)
        self.bench.numbers["D"] = right
        self.bench.spine.holdings[right] = Holding(has_scr=True)
        self.told = None


@pytest.fixture(params=(*SEEDS, *range(100, size(100, 500))))
def evening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Evening]:
    made = Evening(tmp_path, request.param)
    yield made
    made.bench.database.close()


def test_a_dissenter_is_on_the_worklist_unless_the_latest_plain_word_is_no(evening: Evening):
    evening.bench.run()
    for _ in range(STEPS):
        evening.step()
        listed = refs_on(evening.bench, Worklist.DISSENT_NOT_SENT) == ["D"]
        assert listed is (evening.told is not Permission.NO), "\n".join(evening.story)
