"""An opened practice as the window's ports."""

from __future__ import annotations

from app.bootstrap import Product, compared_with_latest
from app.desktop.keep_awake import KeepAwake
from app.desktop.report import program_version, report_of
from app.desktop.timekeeper import ProductTimes
from app.simulator.cards import CARDS, PASSCODE, Card
from app.ui.news import Wanted
from app.ui.services import CardChoice, RunOperator, Services


def services_of(product: Product, operator: RunOperator | None = None) -> Services:
    """An opened practice as the window's ports; another `operator` may stand before the practice's own."""
    offers_cards = product.simulated and product.needs_card
    return Services(
        clock=product.clock,
        family=product.family,
        practice=product.practice,
        queries=product.queries,
        history=product.history,
        trail=product.trail,
        patients=product.patients,
        stories=product.stories,
        groups=product.groups,
        worklists=product.worklists,
        mismatches=product.mismatches,
        reports=product.reports,
        previews=product.previews,
        foreseen=product.foreseen,
        compare=lambda: compared_with_latest(product),
        certificates=product.certifier,
        confirmer=product.confirmations,
        operator=operator or product.operator,
        times=ProductTimes(product),
        awake=KeepAwake(),
        rights=product.rights,
        reader=product.reader,
        spine_label=product.spine_label,
        requests_per_second=product.loop.per_second,
        version=program_version(),
        report_of=lambda error: report_of(error, product.clock.now(), product.spine_label),
        needs_card=product.needs_card,
        cards=tuple(CardChoice(card.uid, _whose(card)) for card in CARDS.values()) if offers_cards else (),
        card_hint=f"These cards exist in the simulation only. The passcode of each is {PASSCODE}."
        if offers_cards
        else "",
        simulation=product.simulation,
        news=Wanted(trouble=product.settings.notify_trouble, progress=product.settings.notify_progress),
    )


def _whose(card: Card) -> str:
    roles = " or ".join(role.role_name for role in card.roles)
    return f"{card.given_name} {card.family_name}: {roles}{' (expired card)' if card.expired else ''}"
