"""An opened practice as the window's ports, and what is known of an error as lines that name no patient."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion

from app.bootstrap import Product
from app.clock import london_text
from app.logs import describe_error, redacted
from app.simulator.cards import CARDS, PASSCODE, Card
from app.ui.frame_model import PRODUCT
from app.ui.services import CardChoice, Services


def services_of(product: Product) -> Services:
    """An opened practice as the window's ports."""
    offers_cards = product.simulated and product.needs_card
    return Services(
        clock=product.clock,
        family=product.family,
        practice=product.practice,
        queries=product.queries,
        patients=product.patients,
        operator=product.operator,
        rights=product.rights,
        reader=product.reader,
        spine_label=product.spine_label,
        requests_per_second=product.loop.per_second,
        version=_version(),
        report_of=_reporter(product),
        needs_card=product.needs_card,
        cards=tuple(CardChoice(card.uid, _whose(card)) for card in CARDS.values()) if offers_cards else (),
        card_hint=f"These cards exist in the simulation only. The passcode of each is {PASSCODE}."
        if offers_cards
        else "",
    )


def _whose(card: Card) -> str:
    roles = " or ".join(role.role_name for role in card.roles)
    return f"{card.given_name} {card.family_name}: {roles}{' (expired card)' if card.expired else ''}"


def _version() -> str:
    try:
        return version("scr-bulk")
    except PackageNotFoundError:
        return "not installed"


def _reporter(product: Product) -> Callable[[BaseException], str]:
    def report_of(error: BaseException) -> str:
        """What is known of an error, without names, numbers and the error's own text."""
        lines = [
            f"{PRODUCT}, version {_version()}",
            f"When: {london_text(product.clock.now())}",
            f"Spine: {product.spine_label}",
            f"System: {platform.system()} {platform.release()}, Python {platform.python_version()}, Qt {qVersion()}",
            *describe_error(error),
        ]
        return redacted("\n".join(lines)) + "\n"

    return report_of
