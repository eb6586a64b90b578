"""Who may look at which patients: names for those entitled to them at that very moment, counts for everybody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.bootstrap.reports import story_desk
from app.domain.errors import BadInput, Refused
from app.domain.session import Role
from app.domain.states import StopReason
from app.engine.lists import JoinedSince, ListQuery, OfPractice, OfRun, ReasonCount
from app.engine.rights import Rights
from app.engine.run_lists import COUNTER_LISTS
from app.engine.story_desk import StoryDesk, StoryTaken
from app.engine.viewing import PatientViewer
from app.storage.patient_lists import SqlPatientLists
from app.storage.patient_story import SqlPatientStories
from app.storage.tables import audit_event
from tests.helpers.bench import Bench, Person, consenter, dissenter
from tests.integration.engine.conftest import MakeBench

RECEPTIONIST = Role("555003", "Receptionist", "S8001:G8000:R8008", frozenset({"B0029"}))
PRACTITIONER = Role("555002", "General Practitioner", "S8000:G8000:R8000", frozenset({"B0011"}))
LAUNCHER = Role("555004", "System Administrator", "S8000:G8000:R8000", frozenset({"B0062"}))


def viewer_of(bench: Bench) -> PatientViewer:
    rights = Rights(bench.card, bench.launch_codes, bench.clock)
    return PatientViewer(SqlPatientLists(bench.database), SqlPatientStories(bench.database), rights)


def desk_of(bench: Bench) -> StoryDesk:
    return story_desk(bench.database, Rights(bench.card, bench.launch_codes, bench.clock))


def taken(bench: Bench) -> list[Any]:
    return [row for row in bench.rows(select(audit_event)) if row.action == "report_taken"]


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    made = make_bench(dissenter("A"), consenter("B"), Person("C"))
    made.run()
    return made


def looks(viewer: PatientViewer) -> list[bool]:
    """Which of the looks at names are refused."""
    refused = []
    tries = (
        lambda: viewer.page(ListQuery(OfPractice()), None, 0, 10),
        lambda: viewer.page(ListQuery(OfRun(1)), None, 0, 10),
        lambda: viewer.story(1),
        lambda: viewer.count(ListQuery(OfPractice(), search="a")),
    )
    for one in tries:
        try:
            one()
        except Refused:
            refused.append(True)
        else:
            refused.append(False)
    return refused


@pytest.mark.parametrize("role", [PRACTITIONER, LAUNCHER])
def test_an_entitled_role_sees_names(bench: Bench, role: Role):
    bench.card.sign_in(role)
    viewer = viewer_of(bench)
    assert looks(viewer) == [False] * 4
    assert viewer.why_not() is None
    assert [line.surname for line in viewer.page(ListQuery(OfPractice()), None, 0, 10)] == [
        "Surname-A",
        "Surname-B",
        "Surname-C",
    ]
    assert viewer.story(1).person.surname == "Surname-A"


def test_another_role_sees_none_and_is_told_why(bench: Bench):
    bench.card.sign_in(RECEPTIONIST)
    viewer = viewer_of(bench)
    assert looks(viewer) == [True] * 4
    assert "B0011" in viewer.why_not()


def test_nobody_signed_in_sees_none(bench: Bench):
    viewer = viewer_of(bench)
    assert looks(viewer) == [False] * 4
    bench.card.end(StopReason.CARD_REMOVED)
    assert looks(viewer) == [True] * 4
    assert "Nobody is signed in" in viewer.why_not()


def test_a_session_that_is_over_shows_no_more_names(bench: Bench):
    viewer = viewer_of(bench)
    bench.clock.advance(timedelta(hours=10).total_seconds())
    assert looks(viewer) == [True] * 4


def test_counts_are_for_everybody(bench: Bench):
    bench.card.end()
    viewer = viewer_of(bench)
    assert viewer.count(ListQuery(OfPractice())) == 3
    assert viewer.count(ListQuery(OfRun(1))) == 3
    assert viewer.count(ListQuery(JoinedSince(1))) == 0
    for state, definition in COUNTER_LISTS.items():
        counted = viewer.reasons(OfRun(1, definition))
        assert sum(one.patients for one in counted) == getattr(bench.queries.run(1).counts, state.value)
        assert all(isinstance(one, ReasonCount) and one.state is state for one in counted)


def test_whoever_takes_a_story_is_in_the_trail_before_it_leaves(bench: Bench, tmp_path: Path):
    bench.card.sign_in(PRACTITIONER)
    desk, path = desk_of(bench), tmp_path / "story.pdf"
    assert desk.copy(2).by.endswith(", General Practitioner")
    seen: list[int] = []

    def draw(_: StoryTaken, written: Path) -> None:
        seen.append(len(taken(bench)))
        written.write_text("the story", encoding="utf-8")

    desk.save(2, path, draw)
    desk.put_on_paper(2, "Front desk", lambda _: seen.append(len(taken(bench))))
    assert path.read_text(encoding="utf-8") == "the story"
    assert seen == [2, 3]
    events = taken(bench)
    assert {event.patient_id for event in events} == {2}
    assert [event.detail for event in events] == [
        "story, clipboard",
        f"story, PDF file, {path}",
        "story, print, Front desk",
    ]
    assert all("General Practitioner, card" in event.actor for event in events)


def test_a_story_that_cannot_be_written_leaves_the_old_file(bench: Bench, tmp_path: Path):
    path = tmp_path / "story.pdf"
    path.write_text("the old one", encoding="utf-8")

    def full(_: StoryTaken, __: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match="No space left"):
        desk_of(bench).save(2, path, full)
    assert path.read_text(encoding="utf-8") == "the old one"


def test_whoever_may_not_see_names_takes_no_story(bench: Bench, tmp_path: Path):
    bench.card.sign_in(RECEPTIONIST)
    desk, drawn = desk_of(bench), []
    for take in (
        lambda: desk.copy(2),
        lambda: desk.save(2, tmp_path / "story.pdf", lambda _, __: drawn.append(1)),
        lambda: desk.put_on_paper(2, "Front desk", lambda _: drawn.append(1)),
    ):
        with pytest.raises(Refused, match="B0011"):
            take()
    assert drawn == taken(bench) == []
    assert not (tmp_path / "story.pdf").exists()
