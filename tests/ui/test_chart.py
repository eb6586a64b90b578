"""The chart of a run: read at a glance, in bounded memory, and not by colour alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath
from pytestqt.qtbot import QtBot

from app.domain.outcomes import ItemState
from app.engine.progress import Phase, Snapshot
from app.engine.rows import Counts
from app.ui.chart import Chart
from app.ui.chart_model import STACK, chart_model
from app.ui.colours import DARK, LIGHT
from app.ui.hatching import Hatch, fill
from app.ui.theme import Theme
from app.ui.timeline import Timeline, paces
from tests.ui.fakes import snapshot

TOTAL = 10_387
FACES = {ItemState.SENT: "done", ItemState.SENDING: "accent", ItemState.FAILED: "failed"}


def at(second: float, finished: int, **changes: object) -> Snapshot:
    """A moment of a run in which one in a hundred is sent."""
    sent = finished // 100
    counts = Counts(unprocessed=TOTAL - finished, sent=sent, not_required=finished - sent)
    return snapshot(counts, elapsed=second, **changes)


def timeline(*snapshots: Snapshot, most: int = 240) -> Timeline:
    line = Timeline(most)
    for one in snapshots:
        line.add(one)
    return line


# --- the course -------------------------------------------------------------------------------------------------------


def test_a_long_run_takes_no_more_room_than_a_short_one():
    line = Timeline(most=60)
    for step in range(100_000):
        line.add(at(step * 0.125, min(TOTAL, step // 10)))
        assert len(line.moments()) <= 61
    moments = line.moments()
    assert len(moments) > 25, "and is still a picture of the whole of it"
    assert moments[0].seconds == 0.0
    assert moments[-1].seconds == pytest.approx(99_999 * 0.125)
    gaps = [later.seconds - earlier.seconds for earlier, later in pairwise(moments)]
    assert max(gaps[:-1]) <= 1.01 * min(gaps[:-1]), "no part of it is told in more detail than another"


def test_the_latest_moment_is_always_there():
    line = timeline(at(0, 0), at(0.01, 1), at(0.02, 2))
    assert [moment.finished for moment in line.moments()] == [0, 2]
    line.add(at(10, 50))
    assert [moment.finished for moment in line.moments()] == [0, 50]


def test_no_pace_is_told_before_it_means_something_and_a_steady_one_is_steady():
    moments = timeline(*(at(second, 5 * second) for second in range(60))).moments()
    told = paces(moments)
    assert told[:3] == (None, None, None)
    assert told[3:] == pytest.approx([5.0] * 57)


def test_a_slow_time_shows_and_an_outage_is_a_pace_of_nothing():
    steady = [at(second, 5 * second) for second in range(100)]
    held = [at(second, 500, phase=Phase.WAITING) for second in range(100, 160)]
    moments = timeline(*steady, *held).moments()
    told = paces(moments)
    assert told[99] == pytest.approx(5.0)
    assert told[-1] == 0.0
    assert [moment.waits for moment in moments] == [False] * 100 + [True] * 60


def test_a_run_without_a_report_has_no_course():
    assert Timeline().moments() == ()
    assert paces(()) == ()


# --- what it says -----------------------------------------------------------------------------------------------------


def test_the_axes_are_round_and_hold_everything():
    model = chart_model(timeline(*(at(second, 5 * second) for second in range(0, 840, 10))).moments())
    assert model.total == TOTAL
    assert model.fastest == 10.0
    assert model.span == 830
    assert [mark.text for mark in model.times] == ["5 min", "10 min"]
    assert all(pace <= model.fastest for pace in model.paces if pace is not None)


@pytest.mark.parametrize(
    ("seconds", "texts"),
    [
        (4, ["2 s", "4 s", "6 s", "8 s", "10 s"]),
        (200, ["1 min", "2 min", "3 min"]),
        (4 * 3600, ["1 h", "2 h", "3 h", "4 h"]),
        (9_000, ["30 min", "1 h", "1 h 30 min", "2 h", "2 h 30 min"]),
        (40, ["10 s", "20 s", "30 s", "40 s"]),
    ],
)
def test_the_time_axis_has_few_round_marks(seconds, texts):
    model = chart_model(timeline(at(0, 0), at(seconds, 10)).moments())
    assert [mark.text for mark in model.times] == texts


def test_the_same_is_told_in_words():
    words = chart_model(timeline(*(at(second, 5 * second) for second in range(0, 601, 5))).moments()).words
    assert words.startswith("After 10 min, of 10,387 patients: 2,970 not required, 30 sent, 7,387 unprocessed.")
    assert "Pace now 5.0 patients a second, between 5.0 and 5.0 so far." in words
    assert "waiting" not in words
    waited = chart_model(timeline(at(0, 0), at(5, 25, phase=Phase.WAITING)).moments())
    assert waited.has_waited
    assert "waiting for the Spine" in waited.words
    assert chart_model(()).words == "No patient has been checked yet."


# --- the picture ------------------------------------------------------------------------------------------------------


def test_every_pattern_can_be_told_from_every_other_without_its_colour():
    pictures = {hatch: in_one_ink(hatch) for hatch in Hatch}
    for one, other in combinations(Hatch, 2):
        differing = sum(
            pictures[one].pixel(x, y) != pictures[other].pixel(x, y) for x in range(5, 35) for y in range(5, 35)
        )
        assert differing > 100, (one, other)


def in_one_ink(hatch: Hatch) -> QImage:
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    area = QPainterPath()
    area.addRect(QRectF(0, 0, 40, 40))
    fill(painter, area, hatch, QColor("black"), QColor("white"))
    painter.end()
    return picture


@pytest.fixture
def chart(qtbot: QtBot) -> Chart:
    made = Chart()
    qtbot.addWidget(made)
    made.resize(600, 300)
    return made


def test_the_inks_follow_the_scheme(chart: Chart, theme: Theme):
    chart.ensurePolished()
    try:
        for colours in (DARK, LIGHT):
            theme.dress(colours)
            assert {state: chart.ink(state) for state in FACES} == {
                state: QColor(getattr(colours, name)) for state, name in FACES.items()
            }
    finally:
        theme.dress(LIGHT)


def test_few_among_many_can_still_be_seen(chart: Chart):
    one_failed = Counts(unprocessed=5_386, failed=1, sent=0, not_required=5_000)
    chart.show_model(
        chart_model(timeline(snapshot(one_failed, elapsed=0.0), snapshot(one_failed, elapsed=60.0)).moments())
    )
    with_it = chart.grab().toImage()
    nobody = replace(one_failed, failed=0, not_required=5_001)
    chart.show_model(chart_model(timeline(snapshot(nobody, elapsed=0.0), snapshot(nobody, elapsed=60.0)).moments()))
    without = chart.grab().toImage()
    failed = QColor(LIGHT.failed).rgb()
    assert reds(with_it, failed) - reds(without, failed) > 200


def reds(picture: QImage, ink: int) -> int:
    return sum(picture.pixel(x, y) == ink for x in range(picture.width()) for y in range(picture.height()))


def test_a_course_of_every_length_can_be_drawn(chart: Chart, qtbot: QtBot):
    chart.show()
    for snapshots in ((), (at(0, 0),), (at(0, 0), at(0.5, 1)), tuple(at(n * 60, n * 10) for n in range(400))):
        chart.show_model(chart_model(timeline(*snapshots).moments()))
        assert not chart.grab().isNull()
    chart.show_model(chart_model(timeline(snapshot(Counts(), elapsed=0.0)).moments()))
    assert not chart.grab().isNull()


def test_every_outcome_has_its_place_in_the_stack():
    assert {*STACK, ItemState.UNPROCESSED} == set(ItemState)


def test_a_screen_reader_is_told_it_in_words(chart: Chart):
    model = chart_model(timeline(at(0, 0), at(60, 300)).moments())
    chart.show_model(model)
    assert chart.accessibleName() == "Patients over time"
    assert chart.accessibleDescription() == model.words
