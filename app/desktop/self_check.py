"""`--self-check`: whether this installation can do all its work, tried out unseen and told line by line."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.bootstrap import self_check
from app.bootstrap.self_check import CheckFailed
from app.desktop.report import program_version
from app.logs import describe_error

OK, FAILED = 0, 1

Trial = Callable[[], str]


class _Telling:
    """Carries trials out, says how each ended, and counts those that failed."""

    def __init__(self) -> None:
        self.failed = 0

    def __call__(self, name: str, trial: Trial) -> None:
        began = time.monotonic()
        try:
            found, word = trial(), "ok"
        except CheckFailed as fault:
            found, word = str(fault), "FAILED"
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are still tried
            found, word = " <- ".join(describe_error(error)), "FAILED"
        self.failed += word != "ok"
        _say(f"{word:<7}{name:<14}{time.monotonic() - began:5.1f} s  {found}")


def main() -> int:
    """Carry every trial out; 0 when all went well, 1 otherwise."""
    # Before Qt is loaded: nothing of this is for anybody's eyes.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if sys.platform.startswith("linux"):
        # A bare system has no other, and Qt complains about the one it has.
        os.environ["LC_ALL"] = "C.UTF-8"
    began = time.monotonic()
    tell = _Telling()
    _say(f"GP Summary Bulk Transmission {program_version()}, {_kind()}")
    _say(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory(prefix="scr-bulk-self-check-", ignore_cleanup_errors=True) as name:
        _try_everything(Path(name), tell)
    verdict = f"{tell.failed} of the checks failed" if tell.failed else "Everything works"
    _say(f"{verdict}, after {time.monotonic() - began:.1f} s.")
    return FAILED if tell.failed else OK


def _try_everything(folder: Path, tell: _Telling) -> None:
    tell("files", self_check.own_files)
    tell("time zones", self_check.time_zones)
    tell("certificates", self_check.certificates)
    tell("migrations", lambda: self_check.migrations(folder))
    tell("server driver", lambda: self_check.server_driver(folder))
    tell("Qt", _libraries_of_qt)
    tell("signals", _signals)
    tell("rehearsal", lambda: _rehearse(folder, tell))


def _rehearse(folder: Path, tell: _Telling) -> str:
    with self_check.rehearsal(folder) as rehearsed:
        tell("run", lambda: self_check.migrated(rehearsed))
        tell("schedule", lambda: self_check.moved_by_a_schedule(rehearsed))
        tell("window", lambda: _window(rehearsed))
    return "the simulated Spine ran as a process of its own and ended"


def _libraries_of_qt() -> str:
    from app.desktop import qt_check

    return qt_check.plugins()


def _signals() -> str:
    from app.desktop import signal_canary

    heard = signal_canary.heard(signal_canary.EMITS)
    self_check.require(heard == signal_canary.EMITS, f"Only {heard} of {signal_canary.EMITS} signals arrived.")
    return f"{heard:,} signals from one thread to another"


def _window(rehearsed: self_check.Rehearsal) -> str:
    from app.desktop import qt_check

    return qt_check.drawn(rehearsed.product)


def _kind() -> str:
    if getattr(sys, "frozen", False):
        return "the installed program"
    return "from a checkout" if (Path(__file__).parents[2] / "pyproject.toml").exists() else "from a wheel"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
