"""A run over three Smartcard sessions ends as an undisturbed one: by commands, over real HTTP, with moved time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers.expected import rows
from tests.helpers.program import CARD, Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.helpers.soak import size

PATIENTS = size(5_000, 10_387)
SESSION_SECONDS = 36_000
OTHER_CARD, OTHER_ROLE = "910000000005", "555910000101"

TIMES = {
    "patients.csv": (),
    "groups.csv": (),
    "consent.csv": ("event_date", "recorded_at"),
    "outcomes.csv": ("processed_at",),
}
"""What depends on when a patient was done; of consent entries only on those that the run itself added."""


@contextmanager
def practice(folder: Path) -> Iterator[tuple[Program, SimulatorProcess]]:
    folder.mkdir()
    program = Program(folder / "practice")
    program.make_demonstration(PATIENTS, seed=11)
    with running_simulator("--rate", "0", load=program.folder / "spine.csv") as spine:
        program.spine = spine
        yield program, spine


def exported(program: Program, before: set[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """Every line of every file, without the times of what this run did."""
    out = program.folder.parent / "after"
    assert program("practice", "export", "--out", out).code == 0
    found = {}
    for name, times in TIMES.items():
        lines = rows(out / name)
        added = [tuple(line.values()) not in before for line in lines]
        for line, is_added in zip(lines, added, strict=True):
            if is_added:
                line.update(dict.fromkeys(times, ""))
        found[name] = [tuple(line.values()) for line in lines]
    return found


def entries(program: Program) -> set[tuple[str, ...]]:
    out = program.folder.parent / "before"
    assert program("practice", "export", "--out", out).code == 0
    return {tuple(line.values()) for line in rows(out / "consent.csv")}


def read(spine: SimulatorProcess) -> int:
    return sum(entry["path"].endswith("/DocumentReference") for entry in spine.history())


def test_a_run_of_thousands_across_three_sessions_ends_as_an_undisturbed_one(tmp_path: Path):
    with practice(tmp_path / "undisturbed") as (program, spine):
        before = entries(program)
        done = program.press("run")
        assert done.code == 0, done.err
        expected, expected_state, expected_reads = exported(program, before), spine.state(), read(spine)

    with practice(tmp_path / "disturbed") as (program, spine):
        assert entries(program) == before
        counts = []
        # It begins twenty hours ago, so that what it dates is not tomorrow's for the export, which knows no Spine.
        spine.move_clock(-2 * SESSION_SECONDS)
        for session, action in enumerate(("run", "resume"), start=1):
            run = started(program, action, {})
            wait_until(lambda share=session: read(spine) > expected_reads * share / 4, run, pause=0.2)
            spine.move_clock((session - 2) * SESSION_SECONDS)
            stopped = ended(run)
            assert stopped.code == 3, stopped.err
            assert (stopped.result["status"], stopped.result["reason"]) == ("paused", "card_expired")
            assert "Smartcard session ended. Sign in, then press Resume." in stopped.err
            counts.append(stopped.result["counts"])
        assert 0 < counts[1]["unprocessed"] < counts[0]["unprocessed"]
        assert not any(count["failed"] > done.result["counts"]["failed"] for count in counts)
        last = program.press("resume")
        assert last.code == 0, last.err
        assert last.result["counts"] == done.result["counts"]
        found = exported(program, before)
        for name in TIMES:
            assert found[name] == expected[name], name
        assert spine.state() == expected_state
        applied = Counter(call["nhs_number"] for call in spine.writes() if call["applied"])
        assert set(applied.values()) == {1}, "every dissent was sent once"
        assert program("audit", "verify").code == 0


def test_another_entitled_person_goes_on_and_the_export_names_who_recorded_what(tmp_path: Path):
    program = Program(tmp_path / "practice")
    program.make_demonstration(300, seed=11)
    with running_simulator("--rate", "0", "--latency-ms", "20", load=program.folder / "spine.csv") as spine:
        program.spine = spine
        run = started(program, "run", {})
        wait_until(lambda: read(spine) > 100, run)
        spine.remove_card(CARD)
        stopped = ended(run)
        assert (stopped.code, stopped.result["reason"]) == (3, "card_removed"), stopped.err
        last = program.press("resume", "--role", OTHER_ROLE, card=OTHER_CARD)
        assert last.code == 0, last.err
    assert program("practice", "export", "--out", tmp_path / "after").code == 0
    authors = {row["recorded_by"] for row in rows(tmp_path / "after" / "consent.csv") if row["read_code"] == "9Ndl."}
    assert {"Alison Marsh", "Helen Whitfield"} <= authors
