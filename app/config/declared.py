"""The settings, each declared once: key, default, what it means, and what may stand in it.

Loading, the file and the page that shows them are made from this declaration. Where a setting is used is its user's
affair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def _text(value: str) -> str:
    return value.strip()


def _number(minimum: float, maximum: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        number = float(value)
        if not minimum <= number <= maximum:
            raise ValueError
        return number

    return parse


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        number = int(value)
        if not minimum <= number <= maximum:
            raise ValueError
        return number

    return parse


def _delays(value: str) -> tuple[float, ...]:
    delays = tuple(float(part) for part in value.split(",") if part.strip())
    if any(not 0 <= delay <= 86_400 for delay in delays):
        raise ValueError
    return delays


def _codes(value: str) -> frozenset[str]:
    codes = frozenset(part.strip().upper() for part in value.replace(";", ",").split(",") if part.strip())
    if not codes or not all(len(code) == 5 and code[0] == "B" and code[1:].isdigit() for code in codes):
        raise ValueError
    return codes


def _yes_no(value: str) -> bool:
    word = value.strip().lower()
    if word in {"true", "yes", "on", "1"}:
        return True
    if word in {"false", "no", "off", "0"}:
        return False
    raise ValueError


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting.

    `allowed` says in words what may stand in it; `parse` raises `ValueError` otherwise. `group` is the heading it
    stands under, `meaning` what it does, in a sentence. One that is not `offered` is left to those who know of it.
    """

    key: str
    default: str
    parse: Callable[[str], Any]
    group: str
    label: str
    allowed: str
    meaning: str
    offered: bool = True

    @property
    def is_switch(self) -> bool:
        """Whether it is either on or off."""
        return self.parse is _yes_no

    def fault_of(self, text: str) -> str | None:
        """Why this text cannot be used, in a sentence that names what can; None when it can."""
        try:
            self.parse(text)
        except ValueError:
            return f"This cannot be used. It takes {self.allowed}."
        return None


_SPINE, _PACE, _PATIENCE, _RIGHTS, _NOTICES, _PLACE = (
    "The Spine",
    "Pace",
    "Patience",
    "Who may run it",
    "Notifications",
    "Practice database",
)

DECLARED: tuple[Setting, ...] = (
    Setting(
        "SPINE_URL",
        "",
        _text,
        _SPINE,
        "Address of the Spine",
        "a web address, or nothing for a simulated Spine on this computer",
        "Where consent is read and sent.",
    ),
    Setting(
        "AUTH_URL",
        "",
        _text,
        _SPINE,
        "Address of the sign-in service",
        "a web address, nothing for that of a simulated Spine, or the word none for the NHS sandbox",
        "Where Smartcards are signed in.",
    ),
    Setting(
        "PROXY",
        "",
        _text,
        _SPINE,
        "Proxy for the Spine",
        "a web address, or nothing",
        "The proxy on the way to the Spine. That of the system is not used.",
    ),
    Setting(
        "CA_BUNDLE",
        "",
        _text,
        _SPINE,
        "Further trusted certificates",
        "a file, or nothing",
        "A file of certificates to trust beside the usual ones, in PEM form.",
    ),
    Setting(
        "CLIENT_CERTIFICATE",
        "",
        _text,
        _SPINE,
        "Own certificate",
        "a file, or nothing",
        "A file with this practice's own certificate and its key, in PEM form, for a service that asks who is calling.",
    ),
    Setting(
        "REQUESTS_PER_SECOND",
        "5",
        _number(0, 1000),
        _PACE,
        "Requests a second",
        "a number from 0 (no limit) to 1000",
        "How fast the Spine is asked. The real service allows 5.",
    ),
    Setting(
        "CONCURRENCY",
        "4",
        _whole(1, 16),
        _PACE,
        "Requests at the same time",
        "a whole number from 1 to 16",
        "How many requests may be under way at once.",
    ),
    Setting(
        "CONNECT_TIMEOUT_SECONDS",
        "10",
        _number(0.1, 120),
        _PATIENCE,
        "Longest wait for a connection",
        "0.1 to 120 seconds",
        "After this the Spine counts as not reachable.",
    ),
    Setting(
        "READ_TIMEOUT_SECONDS",
        "65",
        _number(0.1, 600),
        _PATIENCE,
        "Longest silence of the Spine",
        "0.1 to 600 seconds",
        "After this an answer counts as lost.",
    ),
    Setting(
        "DEADLINE_SECONDS",
        "75",
        _number(0.2, 900),
        _PATIENCE,
        "Longest time for one request",
        "0.2 to 900 seconds",
        "However slowly an answer trickles in.",
    ),
    Setting(
        "SETTLE_SECONDS",
        "75",
        _number(0, 3600),
        _PATIENCE,
        "Wait before reading back",
        "0 to 3600 seconds",
        "How long a lost message may still be applied before the Spine is asked; at least 60 with a real one.",
    ),
    Setting(
        "RETRY_DELAYS_SECONDS",
        "1,4,60,300",
        _delays,
        _PATIENCE,
        "Waits between tries",
        "seconds, with commas: 1,4,60,300",
        "How long to wait before each further try.",
    ),
    Setting(
        "MAX_WAIT_SECONDS",
        "900",
        _number(0, 86_400),
        _PATIENCE,
        "Longest wait in an outage",
        "0 to 86400 seconds",
        "For commands only: the window waits until you press Stop.",
    ),
    Setting(
        "LAUNCH_ACTIVITY_CODES",
        "B0062",
        _codes,
        _RIGHTS,
        "Activities that may launch",
        "codes with commas, such as B0062",
        "A Smartcard must carry one of these activities to start, stop or resume a run.",
    ),
    Setting(
        "SCR_ENABLED",
        "true",
        _yes_no,
        _RIGHTS,
        "Summary Care Record switched on",
        "true or false",
        "While it is off nothing can be run.",
    ),
    Setting(
        "APPLICATION_READS",
        "false",
        _yes_no,
        _RIGHTS,
        "Reading goes on without a card",
        "true or false",
        "When a Smartcard session ends during a run, patients go on being read under the practice's own access. "
        "Dissents wait for somebody with a card.",
    ),
    Setting(
        "NOTIFY_TROUBLE",
        "true",
        _yes_no,
        _NOTICES,
        "Tell what needs somebody",
        "true or false",
        "While the window is out of sight: a run has paused or left patients over, a set time was missed, a Smartcard "
        "session is about to end.",
    ),
    Setting(
        "NOTIFY_PROGRESS",
        "false",
        _yes_no,
        _NOTICES,
        "Tell what went as planned",
        "true or false",
        "While the window is out of sight: a run has begun by itself, paused at its stop time, or is complete.",
    ),
    Setting(
        "DATABASE_URL",
        "",
        _text,
        _PLACE,
        "Shared practice database",
        "postgresql://user@server/database, or nothing for a file of this computer",
        "The database that several workstations share. It is set for all of them in the same way.",
        offered=False,
    ),
)
