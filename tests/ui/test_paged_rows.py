"""Pages of a list: any place is reached by few reads, forwards or backwards, and little is kept."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.engine.lists import ListQuery, OfRun
from app.engine.patient_line import PatientLine
from app.engine.run_lists import LISTS
from app.ui import paged_rows
from app.ui.paged_rows import PAGE, PagedRows, Wanted
from tests.ui.patients.fake_lists import FakeViewer

QUERY = ListQuery(OfRun(1, LISTS["failed"]))


class Walk:
    """A list, and somebody who looks at places of it."""

    def __init__(self, total: int, query: ListQuery = QUERY) -> None:
        self.viewer = FakeViewer(total)
        self.rows = PagedRows(query, total, self.viewer.page(query, None, 0, PAGE))
        self.viewer.reads.clear()

    def read(self, wanted: Wanted) -> list[PatientLine]:
        return self.viewer.page(wanted.query, wanted.after, wanted.skip, wanted.count)

    def look(self, position: int) -> int:
        """Have a row at hand; how many reads that took."""
        reads = 0
        while (wanted := self.rows.wanted(position)) is not None:
            assert self.rows.take(wanted, self.read(wanted)) is not None
            reads += 1
            assert reads < 100
        found = self.rows.line(position)
        assert found is not None
        place = len(self.viewer_places()) - 1 - position if self.rows.query.descending else position
        assert found.mark.tie == place
        return reads

    def viewer_places(self) -> range:
        return range(self.viewer.total)


@pytest.mark.parametrize("total", [1, 99, 100, 101, 250, 100_000])
@pytest.mark.parametrize("descending", [False, True])
def test_the_ends_and_the_middle_are_reached(total, descending):
    walk = Walk(total, replace(QUERY, descending=descending))
    for position in (0, total - 1, total // 2, total // 3, 0):
        walk.look(position)
    assert walk.rows.wanted(-1) is None
    assert walk.rows.wanted(total) is None


def test_the_first_page_needs_no_further_read():
    walk = Walk(250)
    assert walk.look(0) == walk.look(99) == 0


def test_reading_on_leaves_nothing_out():
    walk = Walk(1_000)
    for position in range(1_000):
        walk.look(position)
    assert [skip for _, _, skip, _ in walk.viewer.reads] == [0] * 9
    assert [limit for *_, limit in walk.viewer.reads] == [100] * 9


def test_the_last_row_of_a_long_list_is_one_read_away():
    assert Walk(100_000).look(99_999) == 1


def test_the_middle_of_a_long_list_is_a_few_short_reads_away():
    walk = Walk(100_000)
    assert walk.look(50_000) <= 14
    assert max(skip for _, _, skip, _ in walk.viewer.reads) <= 4_000
    walk.viewer.reads.clear()
    assert walk.look(50_500) == 1


def test_any_walk_shows_the_right_rows_and_keeps_few(monkeypatch):
    monkeypatch.setattr(paged_rows, "_STEP", 700)
    draw = random.Random(5)
    walk = Walk(12_345)
    for _ in range(300):
        walk.look(draw.randrange(12_345))
    kept = sum(walk.rows.line(position) is not None for position in range(12_345))
    assert kept <= 40 * PAGE


def test_what_was_looked_at_last_is_kept():
    walk = Walk(10_000)
    for position in range(0, 4_000, PAGE):
        walk.look(position)
    walk.rows.touch(0)
    walk.look(5_000)
    assert walk.rows.line(0) is not None
    assert walk.rows.line(100) is None


def test_a_list_that_has_become_shorter_is_noticed():
    walk = Walk(250)
    walk.viewer.total = 205
    wanted = walk.rows.wanted(249)
    assert walk.rows.take(wanted, []) is None
    wanted = walk.rows.wanted(150)
    assert walk.rows.take(wanted, walk.read(wanted)) == range(100, 200)


def test_an_empty_list_wants_nothing():
    rows = PagedRows(QUERY, 0)
    assert rows.wanted(0) is None
    assert rows.line(0) is None
