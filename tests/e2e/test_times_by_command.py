"""Set times by commands: a terminal that stays open pauses and goes on, judged by the Spine's own history.

The simulated Spine's clock is set a few seconds before the minute that matters, and the program's follows it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.helpers.hindered import hindered
from tests.helpers.program import Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.unit.domain.times import shown, wall

PATIENTS = 300
SLOWLY = {"SCR_BULK_REQUESTS_PER_SECOND": "20"}
EVENING = "02/11/2026"
ON_ITS_WAY = timedelta(milliseconds=250)
"""What left just before a moment is received just after it."""


class Night:
    """A practice, a simulated Spine whose time is set, and the commands."""

    def __init__(self, program: Program, spine: SimulatorProcess) -> None:
        self.program = program
        self.spine = spine

    def set_time(self, moment: str, seconds_before: float = 0.0) -> datetime:
        """Have it be so many seconds before a moment; returns the moment."""
        target = wall(moment)
        self.spine.move_clock((target - timedelta(seconds=seconds_before) - datetime.now(UTC)).total_seconds())
        return target

    def calls_from(self, moment: datetime) -> list[str]:
        """What left for the Spine about patients from this moment on, by the Spine's own clock."""
        beyond = moment + ON_ITS_WAY
        return [call["at"] for call in self.spine.history() if call["nhs_number"] and told_at(call["at"]) >= beyond]

    def calls_before(self, moment: datetime) -> int:
        """How much the Spine received about patients before this moment."""
        return sum(1 for call in self.spine.history() if call["nhs_number"] and told_at(call["at"]) < moment)

    def said(self, process: subprocess.Popen[str], words: str) -> list[str]:
        """Read what the program says until it says this; the lines up to there."""
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line.rstrip())
            if words in line:
                return lines
        raise AssertionError(f"it ended without saying {words!r}: {lines}")


def begun(program: Program, *times: str) -> subprocess.Popen[str]:
    """Run with times, slowly."""
    return started(program, "run", SLOWLY, program.command(*program.pressing("run", *times)))


def told_at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    program = Program(tmp_path / "practice")
    program.make_demonstration(PATIENTS, seed=3)
    with running_simulator("--rate", "0", load=tmp_path / "practice" / "spine.csv") as spine:
        program.spine = spine
        yield Night(program, spine)


@pytest.mark.fault_row(32)
def test_at_the_stop_time_it_pauses_sends_nothing_after_and_resume_goes_on(night: Night):
    night.set_time(f"{EVENING} 19:50")
    run = begun(night.program, "--stop", "20:00")
    wait_until(lambda: len(night.spine.history()) > 20, run)
    stop = night.set_time(f"{EVENING} 20:00", seconds_before=1)
    stopped = ended(run)
    assert stopped.code == 3, stopped.err
    assert (stopped.result["status"], stopped.result["reason"]) == ("paused", "window_closed")
    assert "It stops today at 20:00 and then waits until somebody presses Resume." in stopped.err
    assert stopped.result["counts"]["unprocessed"] > 0
    assert night.calls_from(stop) == []
    told = night.program("schedule", "list", "--json").result
    assert [(row["kind"], row["outcome"]) for row in told["history"]] == [("start", "fired")]

    resumed = night.program.press("resume")
    assert resumed.code == 0, resumed.err
    assert resumed.result["run"] == stopped.result["run"]
    assert night.program("schedule", "list", "--json").result["schedule"] is None


@pytest.mark.fault_row(32)
def test_suspended_across_the_stop_time_it_sends_nothing_after(night: Night):
    night.set_time(f"{EVENING} 19:50")
    run = begun(night.program, "--stop", "20:00")
    wait_until(lambda: len(night.spine.history()) > 20, run)
    stop = night.set_time(f"{EVENING} 20:00", seconds_before=2)
    heard = len(night.spine.history()) + 5
    wait_until(lambda: len(night.spine.history()) > heard, run)
    run.send_signal(signal.SIGSTOP)
    stopped_for = time.monotonic()
    assert night.calls_from(stop) == [], "suspended before the stop time"
    wait_until(lambda: time.monotonic() - stopped_for > 3)
    before = night.calls_before(stop)
    run.send_signal(signal.SIGCONT)
    done = ended(run)
    assert done.code == 3, done.err
    assert done.result["reason"] == "window_closed"
    assert night.calls_from(stop) == []
    assert night.calls_before(stop) == before
    assert night.program("audit", "verify").code == 0


class AheadClock:
    """The machine's clock of a program, moved by a file that it reads."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.set(0)

    def set(self, seconds: float) -> None:
        self.seconds = seconds
        written = self.file.with_suffix(".new")
        written.write_text(str(seconds), encoding="utf-8")
        written.replace(self.file)


@pytest.mark.fault_row(33)
def test_suspended_across_the_start_time_it_starts_late_and_says_so(night: Night, tmp_path: Path):
    """Frozen a quarter of an hour before its start, thawed ten minutes after it."""
    ahead, program = AheadClock(tmp_path / "ahead"), night.program
    start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=15)
    slept = {"clock_ahead_by": str(ahead.file), "looked_at_every": 0.2}
    run = started(program, "run", command=hindered(program, slept, *program.pressing("run", "--start", shown(start))))
    assert f" at {shown(start)[-5:]}. Leave this terminal open" in night.said(run, "Waiting for")[-1]
    run.send_signal(signal.SIGSTOP)
    ahead.set(25 * 60)
    run.send_signal(signal.SIGCONT)

    def has_come() -> bool:
        """Time goes by, by less between two looks than what counts as sleep."""
        ahead.set(ahead.seconds + 3)
        return any(call["nhs_number"] for call in night.spine.history())

    assert not any(call["nhs_number"] for call in night.spine.history())
    wait_until(has_come, run, pause=0.05)
    assert ahead.seconds >= 25 * 60 + 45, "not before network and card reader have settled"
    done = ended(run)
    assert done.code == 0, done.err
    [told] = program("schedule", "list", "--json").result["history"]
    assert (told["kind"], told["outcome"], told["reason"]) == ("start", "late", "asleep")
    assert "Begun late: the computer was asleep or switched off" in program("schedule", "list").out


def test_each_action_waits_for_its_start_in_the_terminal(night: Night, tmp_path: Path):
    ahead, program = AheadClock(tmp_path / "ahead"), night.program
    quickly = {"clock_ahead_by": str(ahead.file), "looked_at_every": 0.2}
    past = program.press("run", "--start", "01/01/2020 18:30")
    assert past.code == 0, past.err
    assert "The start that was chosen has passed, so it counts as now." in past.err
    now = datetime.now(UTC) + timedelta(seconds=ahead.seconds)
    start = now.replace(second=0, microsecond=0) + timedelta(minutes=2)
    command = hindered(program, quickly, *program.pressing("rerun", "--start", shown(start)))
    rerun = started(program, "rerun", command=command)
    night.said(rerun, "Waiting for")
    ahead.set((start - datetime.now(UTC)).total_seconds() + 1)
    done = ended(rerun)
    assert done.code == 0, done.err
    assert done.result["run"] != past.result["run"]
    assert [row["outcome"] for row in program("schedule", "list", "--json").result["history"]] == ["fired"]
    refused = program.press("resume", "--start", shown(start + timedelta(days=1)))
    assert (refused.code, "No Consent Migration is paused" in refused.err) == (4, True)


def test_it_pauses_waits_in_the_terminal_goes_on_and_completes(night: Night):
    night.set_time(f"{EVENING} 19:50")
    run = begun(night.program, "--stop", "20:00", "--resume-at", "20:01")
    wait_until(lambda: len(night.spine.history()) > 20, run)
    stop = night.set_time(f"{EVENING} 20:00", seconds_before=1)
    resume = stop + timedelta(minutes=1)
    waiting = night.said(run, "Waiting for")
    assert waiting[-1] == "Waiting for today at 20:01. Leave this terminal open; Ctrl-C ends the waiting."
    refused = night.program.press("resume", "--stop", "21:00")
    assert refused.code == 4
    assert "Another copy of the program looks after this practice's times" in refused.err
    listed = night.program("schedule", "list")
    assert listed.out.splitlines()[0].startswith("Run: start 02/11/2026")
    done = ended(run, seconds=150)
    assert done.code == 0, done.err
    assert done.result["status"] == "completed"
    history = night.program("schedule", "list", "--json").result["history"]
    assert [(row["kind"], row["outcome"]) for row in history] == [("resume", "fired"), ("start", "fired")]
    assert [at for at in night.calls_from(stop) if told_at(at) < resume] == []


def test_ctrl_c_while_it_waits_ends_the_waiting_and_nothing_goes_on_by_itself(night: Night):
    night.set_time(f"{EVENING} 19:50")
    run = begun(night.program, "--stop", "20:00", "--resume-at", "21:00")
    wait_until(lambda: len(night.spine.history()) > 20, run)
    night.set_time(f"{EVENING} 20:00", seconds_before=1)
    night.said(run, "Waiting for")
    run.send_signal(signal.SIGINT)
    done = ended(run)
    assert done.code == 3, done.err
    assert "The times that were set no longer apply." in done.err
    assert night.program("schedule", "list", "--json").result["schedule"] is None
    assert ": paused." in night.program("status").out
    assert night.program.press("resume").code == 0


def test_a_rerun_that_was_given_up_before_it_began_is_told_and_the_run_before_is_the_latest_again(night: Night):
    """The terminal tells what became of its own run; everything else is about the one that has really been."""
    program = night.program
    done = program.press("run")
    assert done.code == 0, done.err
    start = datetime.now(UTC) + timedelta(hours=2)
    waits = started(program, "rerun", command=program.command(*program.pressing("rerun", "--start", shown(start))))
    night.said(waits, "Waiting for")
    asked = [call for call in night.spine.history() if call["nhs_number"]]
    waits.send_signal(signal.SIGINT)
    given_up = ended(waits)
    assert given_up.code == 4, given_up.err
    assert (given_up.result["run"], given_up.result["status"]) == (done.result["run"] + 1, "abandoned")
    assert "Nothing was begun, and nothing is scheduled any more." in given_up.err
    assert [call for call in night.spine.history() if call["nhs_number"]] == asked
    told = program("status", "--json").result
    assert (told["run"], told["status"], told["counts"]) == (done.result["run"], "completed", done.result["counts"])
    listed = program("report", "outcomes").out
    assert len(listed.splitlines()) == 1 + sum(done.result["counts"].values())


def test_a_failed_that_was_cancelled_before_it_began_has_completed_nothing(night: Night):
    """The run it was to go on with has completed long before; that is no word about what was waited for."""
    program = night.program
    done = program.press("run")
    assert (done.code, done.result["counts"]["failed"] > 0) == (0, True), done.err
    start = datetime.now(UTC) + timedelta(hours=2)
    waits = started(program, "failed", command=program.command(*program.pressing("failed", "--start", shown(start))))
    night.said(waits, "Waiting for")
    assert program("schedule", "cancel").code == 0
    given_up = ended(waits)
    assert given_up.code == 4, given_up.err
    assert "Nothing was begun, and nothing is scheduled any more." in given_up.err
    assert "Process completed." not in given_up.err
    assert given_up.result["counts"] == done.result["counts"]


def test_a_paused_run_that_was_to_be_replaced_is_said_to_go_on_by_resume(night: Night):
    program = night.program
    run = begun(program)
    wait_until(lambda: len(night.spine.history()) > 20, run)
    run.send_signal(signal.SIGINT)
    assert ended(run).code == 3
    start = datetime.now(UTC) + timedelta(hours=2)
    waits = started(program, "rerun", command=program.command(*program.pressing("rerun", "--start", shown(start))))
    night.said(waits, "Waiting for")
    cancelled = program("schedule", "cancel")
    given_up = ended(waits)
    assert (cancelled.code, given_up.code) == (0, 4), given_up.err
    for told in (cancelled, given_up):
        assert "is paused as before: go on with it by the command resume." in told.err
    assert program.press("resume").code == 0


def test_what_is_scheduled_is_carried_out_by_a_terminal_that_stays(night: Night):
    """Added by a command that needs no card, begun by one that has it."""
    start = (datetime.now(UTC) + timedelta(minutes=2)).replace(second=0, microsecond=0)
    added = night.program("schedule", "add", "--start", shown(start), "--stop", "05:00")
    assert added.code == 0, added.err
    assert "Somebody has to be signed in with a Smartcard when it starts" in added.err
    assert night.program("status", "--json").result["status"] == "scheduled"
    status = night.program("status").out
    assert ": scheduled." in status
    assert "Next: " in status
    refused = night.program.press("run")
    assert refused.code == 4
    assert "is scheduled" in refused.err
    night.set_time(shown(start), seconds_before=10)
    arguments = night.program.pressing("run")[1:]
    stayed = night.program("schedule", "watch", *arguments)
    assert stayed.code == 0, stayed.err
    assert stayed.result["status"] == "completed"
    listed = night.program("schedule", "list").out
    assert "Begun in time." in listed
    assert "Nothing is scheduled." in listed


def test_a_start_with_nobody_entitled_is_told_and_nothing_is_begun(night: Night):
    start = (datetime.now(UTC) + timedelta(minutes=2)).replace(second=0, microsecond=0)
    assert night.program("schedule", "add", "--start", shown(start)).code == 0
    night.set_time(shown(start), seconds_before=10)
    arguments = night.program.pressing("run", card="910000000003")[1:]
    stayed = night.program("schedule", "watch", *arguments)
    assert stayed.code == 4, stayed.err
    assert "Missed: the person signed in may not start it." in stayed.err
    assert stayed.result["status"] == "abandoned"
    assert not [call for call in night.spine.history() if call["nhs_number"]]
    assert night.program.press("run").code == 0


def test_times_that_cannot_be_meant_and_schedules_that_cannot_be_had(night: Night):
    program = night.program
    for arguments, words in (
        (("--resume-at", "08:00"), "A Resume time needs a Stop time"),
        (("--stop", "08:00", "--resume-at", "08:00"), "the same time"),
        (("--stop", "8 am"), "--stop takes a time of day"),
    ):
        wrong = program.press("run", *arguments)
        assert wrong.code == 2, wrong.err
        assert words in wrong.err
    assert program("schedule", "add").code == 2
    wrong = program("schedule", "add", "--start", "tomorrow")
    assert (wrong.code, "--start takes a date and time" in wrong.err) == (2, True)
    for arguments in (("cancel",), ("watch", *program.pressing("run")[1:])):
        refused = program("schedule", *arguments)
        assert refused.code == 4, refused.err
        assert "Nothing is scheduled" in refused.err
    assert program("schedule", "list").out == "Nothing is scheduled.\n"
    assert program("schedule", "add", "--start", "now", "--group", "Unknown").code == 4


def test_a_schedule_is_cancelled_by_a_command(night: Night):
    program = night.program
    in_a_week = datetime.now(UTC) + timedelta(days=7)
    assert program("schedule", "add", "--start", f"{in_a_week:%d/%m/%Y} 18:30", "--stop", "08:00").code == 0
    cancelled = program("schedule", "cancel")
    assert cancelled.code == 0
    assert "Cancelled. Run: start" in cancelled.err
    assert json.loads(program("status", "--json").out)["status"] == "abandoned"
    assert program("audit", "verify").code == 0
