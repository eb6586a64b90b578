"""Random evenings: deaths, every answer, stops, sleep, cards, clocks, edits here and elsewhere, backups put back.

Faults page, section 4. Each schedule comes of one number, which a failure tells; `SCR_BULK_SEED=number` runs that one
alone. Invariants I1 to I8 hold after every step; in the end everybody is as the decision table says, and I10.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from random import Random

import pytest

from app.domain.actions import Action
from app.domain.decision import Permission
from tests.helpers.bench import Bench, Person
from tests.helpers.evening import SESSION_OVER, WELL, Answers, Evening
from tests.helpers.incidents import EDITS, Incident, What
from tests.helpers.scripted_spine import Holding
from tests.helpers.soak import size
from tests.helpers.spine_faults import READS, SENDS
from tests.helpers.templates import Templates

SCHEDULES = size(2_000, 50_000)
LOT = 100
SEED = os.environ.get("SCR_BULK_SEED")
LOTS = [range(int(SEED), int(SEED) + 1)] if SEED else [range(at, at + LOT) for at in range(0, SCHEDULES, LOT)]

PRACTICES = 12
"""How many different lists of patients there are; what the Spine holds of them is drawn for each schedule."""

CODES = (("93C3.",), ("9Ndo.",), ("93C3.", "9Ndo."), ("93C2.",), ("9Ndn.",), ())
FLAGS = ({"fp69": True}, {"sensitive": True}, {"pds_linked": False}, {"record_in_use": True})
LASTS = (1.0, 20.0, 80.0, 400.0, 3_700.0)
"""Seconds the computer sleeps; and, much more rarely, until the session is over."""

STOPPERS = frozenset({"role refused", "set up wrongly", SESSION_OVER})
WEIGHTS = [8 if what is What.DEATH else 4 if what is What.EDIT else 1 for what in What]
PRESSES = [Action.RUN, Action.RESUME, Action.RERUN, Action.FAILED]
ONLY_MEANWHILE = (What.DEATH, What.STOP, What.CLOSE, What.WINDOW_CLOSES, What.SECOND_PRESS, What.TAKEOVER)


def a_list(number: int) -> tuple[Person, ...]:
    dice = Random(number)
    count = dice.randint(2, 4)
    objectors = dice.choices(CODES[:3], k=1) + dice.choices(CODES, k=count - 1)
    return tuple(
        Person(f"P{place}", codes, flags=dice.choice(FLAGS) if dice.random() < 0.12 else {})
        for place, codes in enumerate(objectors)
    )


class Drawing:
    """Draws one schedule."""

    def __init__(self, seed: int, practices: Templates) -> None:
        self.dice = Random(seed)
        # The engine's own jitter.
        random.seed(seed)
        bench = practices.bench(*a_list(seed % PRACTICES))
        self.refs = sorted(bench.numbers)
        self._fill_spine(bench)
        self.evening = Evening(bench, Random(seed))

    def _fill_spine(self, bench: Bench) -> None:
        bench.spine.hides_dissent = self.dice.random() < 0.2
        for ref in self.refs:
            held = self.dice.choices([None, Permission.ASK, Permission.YES, Permission.NO], [4, 3, 1, 2])[0]
            bench.spine.holdings[bench.numbers[ref]] = Holding(self.dice.random() < 0.65, held)

    def incident(self, what: What) -> Incident:
        ref, at = self.dice.choice(self.refs), self.dice.randrange(self.dice.choice([8, 16, 28]))
        if what is What.EDIT:
            return Incident(what, at, ref, self.dice.choice(list(EDITS)))
        if what is What.REMOTE_EDIT:
            return Incident(what, at, ref, self.dice.choice(["Yes", "No", "Ask"]))
        if what is What.TAKEOVER:
            return Incident(what, at, detail=self.dice.choice([Action.RESUME, Action.RERUN]))
        if what is What.SLEEP:
            return Incident(what, at, seconds=37_000.0 if self.dice.random() < 0.05 else self.dice.choice(LASTS))
        if what is What.CLOCK_SET:
            return Incident(what, at, seconds=self.dice.choice([1.0, -1.0]) * self.dice.choice(LASTS))
        return Incident(what, at)

    def incidents(self) -> list[Incident]:
        kinds = self.dice.choices(list(What), WEIGHTS, k=self.dice.choice([0, 1, 1, 2, 2]))
        return [self.incident(what) for what in kinds]

    def answers(self) -> Answers:
        if self.dice.random() < 0.2:
            return WELL
        return Answers(self._names(READS, "well", 16), self._names(SENDS, "well", 4))

    def _names(self, answers: Iterable[str], often: str, weight: int) -> tuple[str, ...]:
        """Some of these answers; those that stop the run come less often than what a message can suffer."""
        names = [*answers, SESSION_OVER]
        weights = [weight if name == often else 1 if name in STOPPERS else 3 for name in names]
        return tuple(self.dice.choices(names, weights, k=self.dice.randint(0, 5)))

    def action(self) -> Action:
        latest = self.evening.bench.queries.latest_run("consent-migration")
        if latest is None:
            return Action.RUN
        return self.dice.choices(PRESSES, [1, 6 if latest.status.is_open else 1, 3, 3 if latest.counts.failed else 1])[
            0
        ]

    def between(self) -> None:
        chance = self.dice.random()
        if chance < 0.06:
            self.evening.back_up()
        elif chance < 0.13 and self.evening.backups:
            self.evening.restore(self.dice.randrange(self.evening.backups))
        elif chance < 0.5:
            may_be = [what for what in What if what not in ONLY_MEANWHILE]
            self.evening.happens(self.incident(self.dice.choice(may_be)))
        if self.evening.bench.card.current() is None and self.dice.random() < 0.8:
            self.evening.happens(Incident(What.OTHER_CARD))
        if self.dice.random() < 0.3:
            self.evening.start_program()

    def play(self) -> None:
        for _ in range(self.dice.choice([1, 1, 2, 2, 3])):
            self.evening.press(self.action(), self.incidents(), self.answers())
            self.evening.judge.check()
            self.between()
        self.evening.finish(anew=self.dice.random() < 0.5)
        if self.dice.random() < 0.2:
            self.evening.press(Action.RERUN)
            self.evening.press(Action.RERUN)
            self.evening.judge.check()


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6, 37, 41, 43, 47)
@pytest.mark.parametrize("lot", LOTS, ids=lambda lot: f"{lot.start}-{lot.stop - 1}")
def test_whatever_happens_nobody_is_lost_and_nothing_is_sent_without_reason(lot: range, practices: Templates):
    for seed in lot:
        drawing = Drawing(seed, practices)
        try:
            drawing.play()
        except BaseException as fault:
            steps = "\n".join(drawing.evening.log)
            fault.add_note(f"SCR_BULK_SEED={seed} runs this schedule again:\n{drawing.evening.bench.spine}\n{steps}")
            raise
