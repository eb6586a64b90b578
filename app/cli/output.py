"""What the commands print: sentences to standard error, results to standard output, a run as one JSON object."""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO, cast

from app.domain.states import RunStatus, StopReason
from app.engine.ports import RunView
from app.engine.rows import Counts

OK, UNEXPECTED, WRONG_USE, PAUSED, REFUSED = 0, 1, 2, 3, 4

_STATUS_WORDS = {
    RunStatus.SCHEDULED: "scheduled",
    RunStatus.RUNNING: "running",
    RunStatus.STOPPED: "paused",
    RunStatus.COMPLETED: "completed",
    RunStatus.ABANDONED: "abandoned",
}

_EXIT_WORDS = {UNEXPECTED: "error", WRONG_USE: "error", REFUSED: "refused"}


def code_of(view: RunView, *, began_nothing: bool = False) -> int:
    """The exit code for how a run stands at the end of a command that worked on it, or that began nothing after all."""
    if view.status is RunStatus.COMPLETED:
        return REFUSED if began_nothing else OK
    # A scheduled run that was never begun cannot be resumed either.
    return REFUSED if view.status is RunStatus.ABANDONED else PAUSED


def say(text: str) -> None:
    """A sentence for whoever sits at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def show(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def plain_output() -> TextIO:
    """Standard output as the files' form wants it: line ends are the format's own, on every system."""
    out = cast(TextIO, sys.stdout)
    out.reconfigure(encoding="utf-8", newline="")  # type: ignore[attr-defined]
    return out


def explain(fault: Exception, code: int, *, as_json: bool) -> int:
    """Say why a command did not do what it was asked, and return its exit code."""
    say(str(fault))
    if as_json:
        show_json(nothing_done(_EXIT_WORDS[code], str(fault)))
    return code


def show_json(report: dict[str, Any]) -> None:
    """One object on one line, the last of standard output."""
    show(json.dumps(report, ensure_ascii=False))


def run_report(view: RunView, *, interrupted: bool = False) -> dict[str, Any]:
    """A run as the commands' JSON has it; `interrupted` says that its program died without closing it."""
    status = "paused" if interrupted else _STATUS_WORDS[view.status]
    reason = StopReason.INTERRUPTED if interrupted else view.stop_reason
    return {
        "run": view.run_id,
        "status": status,
        "reason": reason.value if reason else None,
        "counts": counts_object(view.counts),
        "requests": {"read": view.reads, "write": view.writes},
    }


def nothing_done(status: str, reason: str) -> dict[str, Any]:
    """The same object where no run was touched."""
    return {
        "run": None,
        "status": status,
        "reason": reason,
        "counts": counts_object(Counts()),
        "requests": {"read": 0, "write": 0},
    }


def counts_object(counts: Counts) -> dict[str, int]:
    """The five counters for a machine."""
    return {
        "unprocessed": counts.unprocessed,
        "sending": counts.sending,
        "sent": counts.sent,
        "failed": counts.failed,
        "not_required": counts.not_required,
    }


def counts_line(counts: Counts) -> str:
    """The five counters on one line."""
    return (
        f"Unprocessed {counts.unprocessed:,}, Sent {counts.sent:,}, Sending {counts.sending:,}, "
        f"Failed {counts.failed:,}, Not Required {counts.not_required:,}"
    )
