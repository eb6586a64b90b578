"""Dissents read back from the Spine, without a window."""

from __future__ import annotations

import argparse
from typing import Any

from app.bootstrap import Product
from app.cli.card import signed_in
from app.cli.output import OK, PAUSED, say, show, show_json
from app.cli.terminal import watch_steps
from app.domain.errors import Refused
from app.domain.read_back import ReadBack
from app.engine.confirmation import Confirmation, NamedFinding
from app.engine.confirmation_words import headline, sentences, told_of, when_and_who

_MOST_NAMED = 1000
_WHO_THEY_ARE = "Nobody is signed in any more, so they are not named. Use: worklist show dissent-not-sent."


def confirm(options: argparse.Namespace) -> int:
    """Read every dissent back, and tell what was found: the gravest first. Patients appear by reference only."""
    with signed_in(options) as product:
        made = watch_steps(product.confirmations.confirm)
        gone, unread = (_named(product, made, kind) for kind in (ReadBack.OTHERWISE, ReadBack.NOT_READ))
    tell = say if options.json else show
    for line in (headline(made), when_and_who(made), *sentences(made)):
        tell(line)
    for finding in (*(gone or ()), *(unread or ())):
        tell(f"  {finding.patient_ref}: {told_of(finding)}")
    if gone is None and made.count(ReadBack.OTHERWISE):
        tell(_WHO_THEY_ARE)
    if options.json:
        show_json(_report(made, gone))
    return OK if made.is_complete else PAUSED


def _named(product: Product, made: Confirmation, kind: ReadBack) -> list[NamedFinding] | None:
    """Of whom this was found; None where they may not be seen any more, as after the card was taken out meanwhile."""
    try:
        return product.confirmations.named(made, kind, _MOST_NAMED)
    except Refused:
        return None


def _report(made: Confirmation, gone: list[NamedFinding] | None) -> dict[str, Any]:
    return {
        "confirmation": made.confirmation_id,
        "status": "completed" if made.is_complete else "stopped",
        "reason": made.end_reason.value if made.end_reason is not None else None,
        "dissents": made.dissents,
        "counts": {kind.value: made.count(kind) for kind in ReadBack},
        "not_on_spine": None if gone is None else [finding.patient_ref for finding in gone],
    }
