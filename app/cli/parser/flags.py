"""What several commands have in common: the folder of the practice, flags of the same meaning, and checked numbers."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.domain.actions import CONSENT_MIGRATION, FAMILIES

FOLDER = "the folder of the practice"
RESULT = "end with the result as one JSON object"


class Verbs:
    """Commands that stand side by side below a parser, each with the folder of the practice among its flags.

    The folder may be named before or after the command: what stands after it wins.
    """

    def __init__(self, parser: argparse.ArgumentParser, name: str, metavar: str, *, required: bool = True) -> None:
        self._verbs = parser.add_subparsers(dest=name, metavar=metavar, required=required)
        self._folder = argparse.ArgumentParser(add_help=False)
        self._folder.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, help=FOLDER)

    def add(self, name: str, words: str) -> argparse.ArgumentParser:
        """A further command, with what it does in words."""
        return self._verbs.add_parser(name, parents=[self._folder], help=words)


def add_family(command: argparse.ArgumentParser) -> None:
    """Which process; there is one so far."""
    command.add_argument("--family", choices=sorted(FAMILIES), default=CONSENT_MIGRATION.key, help="which process")


def add_card(command: argparse.ArgumentParser) -> None:
    """Where to sign in and as whom."""
    command.add_argument("--spine", metavar="URL", help="the address of the Spine")
    command.add_argument("--auth", metavar="URL", help="the address of the sign-in service")
    command.add_argument("--card", metavar="UID", help="the Smartcard to sign in with")
    command.add_argument("--role", metavar="ID", help="the role to sign in under, where the card has several")
    command.add_argument("--passcode-file", type=Path, help="the file that holds the passcode")


def add_times(command: argparse.ArgumentParser) -> None:
    """The daily times at which a run pauses and goes on."""
    command.add_argument("--stop", metavar="HH:MM", help="pause at this time of day")
    command.add_argument("--resume-at", metavar="HH:MM", help="go on at this time of day, every day until it is done")


def add_json(command: argparse.ArgumentParser, words: str = "as one JSON object") -> None:
    """The answer for a program in the place of one for people."""
    command.add_argument("--json", action="store_true", help=words)


def add_format(command: argparse.ArgumentParser, words: str = "csv unless given") -> None:
    """The form of a list that goes to standard output."""
    command.add_argument("--format", choices=["csv", "json"], default="csv", help=words)


def patient_count(text: str) -> int:
    """How many patients a demonstration has."""
    number = int(text)
    if not 1 <= number <= 500_000:
        raise argparse.ArgumentTypeError("the number of patients goes from 1 to 500000")
    return number


def one_or_more(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("the number must be 1 or more")
    return number


def not_negative(text: str) -> float:
    """A number from 0 on."""
    number = float(text)
    if number < 0:
        raise argparse.ArgumentTypeError("the number must not be negative")
    return number
