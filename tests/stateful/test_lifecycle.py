"""The life of a practice's runs as a state machine: every button, every interruption, in any order.

Faults page, section 4, "Hypothesis RuleBasedStateMachine of the lifecycle". Invariants I1 to I8 hold after every step;
in the end all is put right, staff go on, and everybody is as the decision table says. A failure is told as the list of
steps that led to it, and how to run them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.domain.actions import Action
from app.domain.decision import Permission
from tests.helpers.bench import Person
from tests.helpers.evening import SESSION_OVER, Answers, Evening
from tests.helpers.incidents import EDITS, Incident, What
from tests.helpers.scripted_spine import Holding
from tests.helpers.soak import size
from tests.helpers.spine_faults import READS, SENDS
from tests.helpers.templates import Templates, templates

LOTS = 8
EXAMPLES = size(200, 5_000) // LOTS
STEPS = size(30, 60)

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Not `Phase.shrink`: making a list of steps shorter takes minutes. Add it to have that done."""

PEOPLE = (
    Person("old dissent", ("93C3.",)),
    Person("dissent", ("9Ndo.",)),
    Person("old consent", ("93C2.",)),
    Person("nothing"),
)
REFS = [person.ref for person in PEOPLE]

MOST_PEOPLE = 10
STOPPERS = frozenset({"role refused", "set up wrongly", SESSION_OVER})
"""Answers that stop the run; drawn less often, because a stopped run meets nothing more."""

places = st.integers(0, MOST_PEOPLE - 1)
"""Whose record it is about, among those there are."""

presses = st.integers(0, 9)
"""Which button, among those that may be pressed; now and then one that may not."""

moments = st.integers(0, 20)


def some(names: Iterable[str]) -> st.SearchStrategy[tuple[str, ...]]:
    often = [name for name in names if name not in STOPPERS]
    return st.lists(st.sampled_from(["well", *often, *often, *STOPPERS]), max_size=4).map(tuple)


answers = st.builds(Answers, some(READS), some(SENDS))
edits = st.sampled_from(list(EDITS))
permissions = st.sampled_from(["Yes", "No", "Ask"])
durations = st.sampled_from([1.0, 20.0, 80.0, 400.0, 3_700.0])
holdings = st.tuples(st.booleans(), st.sampled_from([None, *Permission]))


class Lifecycle(RuleBasedStateMachine):
    """One practice and whatever can be done to it."""

    def __init__(self, practices: Templates) -> None:
        super().__init__()
        self.practices = practices

    @initialize(held=st.tuples(*[holdings] * len(PEOPLE)), hides=st.booleans(), order=st.integers(0, 99))
    def open(self, held: Sequence[tuple[bool, Permission | None]], hides: bool, order: int) -> None:
        bench = self.practices.bench(*PEOPLE)
        bench.spine.hides_dissent = hides
        for ref, (has_scr, permission) in zip(REFS, held, strict=True):
            known = None if permission is Permission.NOT_TOLD else permission
            bench.spine.holdings[bench.numbers[ref]] = Holding(has_scr, known)
        self.evening = Evening(bench, Random(order))

    @invariant()
    def holds(self) -> None:
        self.evening.judge.check()

    def teardown(self) -> None:
        if hasattr(self, "evening"):
            self.evening.finish(anew=True)

    def button(self, press: int) -> Action:
        allowed = [action for action in Action if self.evening.may_press(action)]
        return allowed[press % len(allowed)] if allowed and press < 9 else list(Action)[press % 4]

    def ref(self, place: int) -> str:
        refs = self.evening.refs()
        return refs[place % len(refs)]

    # --- the buttons ------------------------------------------------------------------------------------------------

    @rule(answers=answers)
    def run(self, answers: Answers) -> None:
        self.evening.press(Action.RUN, answers=answers)

    @rule(answers=answers)
    def resume(self, answers: Answers) -> None:
        self.evening.press(Action.RESUME, answers=answers)

    @rule(answers=answers)
    def rerun(self, answers: Answers) -> None:
        self.evening.press(Action.RERUN, answers=answers)

    @rule(answers=answers)
    def failed(self, answers: Answers) -> None:
        self.evening.press(Action.FAILED, answers=answers)

    @rule()
    def rerun_undisturbed(self) -> None:
        self.evening.press(Action.RERUN)

    # --- what comes in their way ------------------------------------------------------------------------------------

    @rule(press=presses, at=moments, answers=answers)
    def die(self, press: int, at: int, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(What.DEATH, at)], answers)

    @rule(
        press=presses,
        what=st.sampled_from([What.STOP, What.STOP_ELSEWHERE, What.CLOSE, What.WINDOW_CLOSES]),
        at=moments,
        answers=answers,
    )
    def stop(self, press: int, what: What, at: int, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(what, at)], answers)

    @rule(
        press=presses,
        what=st.sampled_from([What.CARD_OUT, What.CARD_EXPIRES, What.OTHER_CARD]),
        at=moments,
        answers=answers,
    )
    def lose_card(self, press: int, what: What, at: int, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(what, at)], answers)

    @rule(press=presses, at=moments, place=places, name=edits, answers=answers)
    def edit_meanwhile(self, press: int, at: int, place: int, name: str, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(What.EDIT, at, self.ref(place), name)], answers)

    @rule(press=presses, at=moments, place=places, permission=permissions, answers=answers)
    def edit_elsewhere_meanwhile(self, press: int, at: int, place: int, permission: str, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(What.REMOTE_EDIT, at, self.ref(place), permission)], answers)

    @rule(press=presses, at=moments, seconds=durations, answers=answers)
    def sleep_meanwhile(self, press: int, at: int, seconds: float, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(What.SLEEP, at, seconds=seconds)], answers)

    @rule(press=presses, at=moments, answers=answers)
    def press_on_a_second_workstation(self, press: int, at: int, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(What.SECOND_PRESS, at)], answers)

    @rule(press=presses, at=moments, taken_by=st.sampled_from([Action.RESUME, Action.RERUN]), answers=answers)
    def freeze_and_be_taken_over(self, press: int, at: int, taken_by: Action, answers: Answers) -> None:
        self.evening.press(self.button(press), [Incident(What.TAKEOVER, at, detail=taken_by)], answers)

    # --- and between ------------------------------------------------------------------------------------------------

    @rule()
    def start_the_program(self) -> None:
        self.evening.start_program()

    @rule(seconds=durations)
    def sleep(self, seconds: float) -> None:
        self.evening.happens(Incident(What.SLEEP, seconds=seconds))

    @rule(seconds=durations, sign=st.sampled_from([1.0, -1.0]))
    def set_the_clock(self, seconds: float, sign: float) -> None:
        self.evening.happens(Incident(What.CLOCK_SET, seconds=sign * seconds))

    @rule()
    def take_the_card_out(self) -> None:
        self.evening.happens(Incident(What.CARD_OUT))

    @rule()
    def put_the_card_in(self) -> None:
        self.evening.happens(Incident(What.OTHER_CARD))

    @rule()
    def let_the_session_end(self) -> None:
        self.evening.happens(Incident(What.SLEEP, seconds=36_000.0))

    @rule(place=places, name=edits)
    def edit(self, place: int, name: str) -> None:
        self.evening.happens(Incident(What.EDIT, ref=self.ref(place), detail=name))

    @rule(place=places, permission=permissions)
    def edit_elsewhere(self, place: int, permission: str) -> None:
        self.evening.happens(Incident(What.REMOTE_EDIT, ref=self.ref(place), detail=permission))

    @precondition(lambda self: self.evening.may_import() and len(self.evening.bench.numbers) < MOST_PEOPLE)
    @rule(code=st.sampled_from(["93C3.", "9Ndo.", "93C2."]), holding=holdings)
    def register(self, code: str, holding: tuple[bool, Permission | None]) -> None:
        has_scr, permission = holding
        known = None if permission is Permission.NOT_TOLD else permission
        self.evening.registers(Person(f"new {len(self.evening.bench.numbers)}", (code,), has_scr, known))

    @rule()
    def back_up(self) -> None:
        self.evening.back_up()

    @precondition(lambda self: self.evening.backups)
    @rule(which=st.integers(0, 9))
    def restore(self, which: int) -> None:
        self.evening.restore(which % self.evening.backups)


@pytest.fixture(scope="module")
def practices() -> Iterator[Templates]:
    with templates() as made:
        yield made


@pytest.mark.fault_row(1, 2, 3, 4, 5, 6, 32, 35, 36, 37, 41, 43, 44, 47)
@pytest.mark.parametrize("lot", range(LOTS))
def test_whatever_is_pressed_and_happens_in_whatever_order(lot: int, practices: Templates):
    """Each lot draws its own examples; several workers share them."""
    run_state_machine_as_test(
        lambda: Lifecycle(practices),
        settings=settings(max_examples=EXAMPLES, stateful_step_count=STEPS, phases=PHASES, report_multiple_bugs=False),
    )
