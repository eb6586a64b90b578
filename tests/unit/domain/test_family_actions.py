"""The four actions: when each may be pressed, why not, and what staff are asked."""

from __future__ import annotations

from itertools import product

import pytest

from app.domain.actions import CONSENT_MIGRATION, FAMILIES, Action, ActionWords, Family, RunSituation, prompt, why_not
from app.domain.states import RunStatus

RUN, RESUME, RERUN, FAILED = Action.RUN, Action.RESUME, Action.RERUN, Action.FAILED

# What may be pressed while nobody is live, without and with failed patients in the latest run. A run that says
# running without anybody live was interrupted. A scheduled one has not begun, so nothing of it can have failed; an
# abandoned one has come to its end, so its failed patients are reached by a new run.
ENABLED: dict[RunStatus | None, tuple[set[Action], set[Action]]] = {
    None: ({RUN}, {RUN}),
    RunStatus.SCHEDULED: ({RERUN}, {RERUN}),
    RunStatus.RUNNING: ({RESUME, RERUN}, {RESUME, RERUN, FAILED}),
    RunStatus.STOPPED: ({RESUME, RERUN}, {RESUME, RERUN, FAILED}),
    RunStatus.COMPLETED: ({RUN, RERUN}, {RUN, RERUN, FAILED}),
    RunStatus.ABANDONED: ({RUN, RERUN}, {RUN, RERUN}),
}
STATUSES = list(ENABLED)
ELSEWHERE = "Reception 2 has been running this since 18:30. Wait for it to end, or press Stop there."


def enabled(situation: RunSituation) -> set[Action]:
    return {action for action in Action if why_not(action, situation) is None}


def test_the_table_knows_every_status() -> None:
    assert set(STATUSES) == {None, *RunStatus}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("unfinished", [0, 6175])
def test_what_may_be_pressed_while_nobody_is_live(status: RunStatus | None, unfinished: int) -> None:
    without_failed, with_failed = ENABLED[status]

    assert enabled(RunSituation(status, failed=0, unfinished=unfinished)) == without_failed
    assert enabled(RunSituation(status, failed=3, unfinished=unfinished)) == with_failed


@pytest.mark.parametrize(("status", "failed"), list(product(STATUSES, [0, 3])))
def test_nothing_may_be_pressed_while_a_run_is_live(status: RunStatus | None, failed: int) -> None:
    assert enabled(RunSituation(status, live=True, failed=failed)) == set()


@pytest.mark.parametrize(("status", "live"), list(product(STATUSES, [False, True])))
def test_a_run_live_elsewhere_says_where(status: RunStatus | None, live: bool) -> None:
    situation = RunSituation(status, live=live, failed=3, live_elsewhere=ELSEWHERE)

    assert [why_not(action, situation) for action in Action] == [ELSEWHERE] * 4


def test_failed_is_allowed_on_a_paused_run() -> None:
    assert why_not(FAILED, RunSituation(RunStatus.STOPPED, failed=1, unfinished=6175)) is None


@pytest.mark.parametrize("status", [RunStatus.SCHEDULED, RunStatus.RUNNING, RunStatus.STOPPED])
def test_run_is_refused_by_naming_resume(status: RunStatus) -> None:
    assert "Resume" in str(why_not(RUN, RunSituation(status)))


@pytest.mark.parametrize("action", [RESUME, RERUN, FAILED])
def test_before_the_first_run_staff_are_told_to_press_run(action: Action) -> None:
    assert "Press Run." in str(why_not(action, RunSituation()))


def test_a_live_run_is_named_with_the_button_that_ends_it() -> None:
    assert "press Stop" in str(why_not(RERUN, RunSituation(RunStatus.RUNNING, live=True)))


def test_a_completed_run_without_failures_says_so() -> None:
    assert "No patient failed" in str(why_not(FAILED, RunSituation(RunStatus.COMPLETED)))


def test_a_scheduled_run_is_said_to_be_scheduled() -> None:
    for action in (RUN, FAILED):
        assert "is scheduled" in str(why_not(action, RunSituation(RunStatus.SCHEDULED)))


def test_every_refusal_is_a_plain_sentence() -> None:
    for status, live, failed, action in product(STATUSES, [False, True], [0, 12345], Action):
        words = why_not(action, RunSituation(status, live=live, failed=failed, unfinished=6175))
        if words is not None:
            assert words[0].isupper(), words
            assert words.endswith("."), words
            assert "_" not in words, words
            assert not any(character.isdigit() for character in words), words


def test_the_actions_stand_in_the_screens_order_with_its_labels() -> None:
    assert [words.label for words in CONSENT_MIGRATION.actions.values()] == ["Run", "Resume", "Rerun", "Failed"]
    assert list(CONSENT_MIGRATION.actions) == list(Action)
    assert [action.value for action in Action] == ["run", "resume", "rerun", "failed"]


def test_only_run_and_rerun_begin_from_the_first_patient() -> None:
    assert {action for action in Action if action.makes_new_run} == {RUN, RERUN}


def test_only_families_that_work_are_there() -> None:
    assert {key: family.title for key, family in FAMILIES.items()} == {"consent-migration": "Consent Migration"}
    assert all(key == family.key for key, family in FAMILIES.items())


SCAN = (
    "This action will update ACS with the locally held consent preference values where required. "
    "All active patients will be scanned. Do you wish to proceed?"
)
PROMPTS = {
    RUN: SCAN,
    RESUME: "Continue with the consent migration?",
    RERUN: "A Consent Migration has already been run. " + SCAN,
    FAILED: (
        "This action will reprocess all failed consent migrations from the previous attempt. Do you wish to proceed?"
    ),
}


@pytest.mark.parametrize("action", Action)
def test_the_prompts_are_the_screens(action: Action) -> None:
    assert CONSENT_MIGRATION.actions[action].prompt == PROMPTS[action]


@pytest.mark.parametrize(("action", "status"), list(product(Action, STATUSES)))
def test_only_a_rerun_that_gives_up_an_open_run_says_more(action: Action, status: RunStatus | None) -> None:
    question = prompt(action, RunSituation(status, failed=2))

    assert question.endswith(PROMPTS[action])
    gives_up = action is RERUN and status in {RunStatus.SCHEDULED, RunStatus.RUNNING, RunStatus.STOPPED}
    assert (question != PROMPTS[action]) is gives_up


def test_a_rerun_says_what_becomes_of_the_unfinished_run() -> None:
    assert "not finished will be abandoned" in prompt(RERUN, RunSituation(RunStatus.STOPPED))
    assert "scheduled will be cancelled" in prompt(RERUN, RunSituation(RunStatus.SCHEDULED))


def test_every_action_is_explained() -> None:
    for words in CONSENT_MIGRATION.actions.values():
        assert words.meaning.endswith(".")
        assert words.prompt.endswith("?")


def test_a_further_family_speaks_of_itself() -> None:
    """A family is data: its own title is in the words, not the Consent Migration's."""
    upload = Family("initial-upload", "Initial Upload", {action: ActionWords("", "", "Go on?") for action in Action})

    for status, live, failed, action in product(STATUSES, [False, True], [0, 3], Action):
        situation = RunSituation(status, live=live, failed=failed)
        said = f"{why_not(action, situation, upload)} {prompt(action, situation, upload)}"
        assert "Consent Migration" not in said
        assert prompt(action, situation, upload).endswith("Go on?")
    assert "Initial Upload" in str(why_not(RESUME, RunSituation(RunStatus.COMPLETED), upload))
