"""Signing in at the command line: the card a command works under, its passcode, and its removal at the end."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bootstrap import Product, open_product
from app.cli.output import say
from app.cli.terminal import read_line
from app.clock import london_text
from app.config import load_settings
from app.domain.errors import BadInput
from app.engine.ports import actor_words
from app.engine.rights import Right


@contextmanager
def signed_in(options: argparse.Namespace) -> Iterator[Product]:
    """The practice, worked on under the card that the options name; the card is taken out at the end.

    Not while another copy of the program is at work, or waits for its time, though: taking a card out ends all of its
    sessions, and that copy may work under the same one.

    Raises `BadInput` where no card or passcode is to be had, `Refused` where the card is not accepted.
    """
    settings = load_settings(options.data_dir, {"SPINE_URL": options.spine, "AUTH_URL": options.auth})
    with open_product(settings, headless=True) as product:
        _sign_in(product, options)
        try:
            yield product
        finally:
            if not _is_needed_elsewhere(product):
                product.reader.remove_card()


def entitled(options: argparse.Namespace) -> str:
    """Have somebody sign in who may see patients' names, and tell who for the audit trail.

    Raises as `signed_in` does, and `Refused` for the right.
    """
    with signed_in(options) as product:
        session = product.rights.require(Right.SEE_NAMES)
    return actor_words(session.user_name, session.role.name, session.card_uid)


def _is_needed_elsewhere(product: Product) -> bool:
    return product.operator.is_busy_elsewhere() or product.watched.watch.holder() is not None


def renewal(product: Product, options: argparse.Namespace) -> Callable[[], None]:
    """Signing in again as at the start, where nobody is needed for it: with a passcode file, or with no card at all."""
    if product.needs_card and options.passcode_file is None:
        return lambda: None
    return lambda: _sign_in(product, options)


def _sign_in(product: Product, options: argparse.Namespace) -> None:
    if not product.needs_card:
        product.reader.sign_in("", options.role)
        return
    card = options.card or read_line("Smartcard: ")
    if not card:
        raise BadInput("No Smartcard was named. Give it with --card.")
    passcode = _passcode(options.passcode_file)
    product.reader.insert(card)
    session = product.reader.sign_in(passcode, options.role)
    say(f"Signed in as {session.user_name}, {session.role.name}, until {london_text(session.ends_at)}.")


def _passcode(file: Path | None) -> str:
    if file is None:
        if not sys.stdin.isatty():
            raise BadInput("No passcode was given. Name the file that holds it with --passcode-file.")
        return getpass.getpass("Passcode: ")
    try:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"The passcode file {file} cannot be read.") from None
