"""The comparison of a benchmark's figures with those kept: which way is better, what is named, what is kept."""

from __future__ import annotations

import pytest

from tests.benchmarks.baseline import Baseline, this_machine

KEPT = Baseline(this_machine(), "small", "2026-11-01", {"stop_seen_ms": 10.0, "product_patients_per_second": 500.0})


@pytest.mark.parametrize(
    ("figures", "ratio"),
    [({"stop_seen_ms": 20.0}, 0.5), ({"product_patients_per_second": 1000.0}, 2.0), ({"stop_seen_ms": 8.0}, 1.25)],
)
def test_a_ratio_above_one_is_better_whichever_way_the_figure_counts(figures, ratio):
    assert dict(KEPT.compare(figures)) == {next(iter(figures)): ratio}


def test_what_got_worse_by_more_than_a_twentieth_is_named():
    heading, slower, steady = KEPT.lines({"stop_seen_ms": 11.0, "product_patients_per_second": 480.0}, "small")
    assert "2026-11-01" in heading
    assert "say little" not in heading
    assert slower.endswith("WORSE")
    assert not steady.endswith("WORSE")


def test_figures_of_other_sizes_are_compared_with_a_warning():
    assert "say little" in next(KEPT.lines({}, "large"))


def test_a_figure_not_known_from_before_is_not_compared():
    assert not list(KEPT.compare({"new_ms": 1.0}))


def test_figures_kept_lie_on_top_of_the_older_ones_of_the_same_sizes(tmp_path):
    path = tmp_path / "baseline.json"
    newer = Baseline(this_machine(), "small", "2026-11-26", {"stop_seen_ms": 9.0})
    newer.on_top_of(KEPT).write(path)
    assert Baseline.read(path) == Baseline(
        this_machine(), "small", "2026-11-26", {"stop_seen_ms": 9.0, "product_patients_per_second": 500.0}
    )
    assert Baseline(this_machine(), "large", "2026-11-26", {}).on_top_of(KEPT).figures == {}


def test_nothing_is_kept_at_first(tmp_path):
    assert Baseline.read(tmp_path / "baseline.json") is None
