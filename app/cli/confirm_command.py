"""Dissents read back from the Spine, without a window."""

from __future__ import annotations

import argparse
from typing import Any

from app.cli.card import signed_in
from app.cli.output import OK, PAUSED, say, show, show_json
from app.cli.terminal import watch_steps
from app.domain.read_back import ReadBack
from app.engine.confirmation import Confirmation, NamedFinding
from app.engine.confirmation_words import headline, sentences, told_of, when_and_who

_MOST_NAMED = 1000


def confirm(options: argparse.Namespace) -> int:
    """Read every dissent back, and tell what was found: the gravest first. Patients appear by reference only."""
    with signed_in(options) as product:
        made = watch_steps(product.confirmations.confirm)
        found = {
            kind: product.confirmations.named(made, kind, _MOST_NAMED)
            for kind in (ReadBack.OTHERWISE, ReadBack.NOT_READ)
        }
    tell = say if options.json else show
    for line in (headline(made), when_and_who(made), *sentences(made)):
        tell(line)
    for finding in (*found[ReadBack.OTHERWISE], *found[ReadBack.NOT_READ]):
        tell(f"  {finding.patient_ref}: {told_of(finding)}")
    if options.json:
        show_json(_report(made, found[ReadBack.OTHERWISE]))
    return OK if made.is_complete else PAUSED


def _report(made: Confirmation, gone: list[NamedFinding]) -> dict[str, Any]:
    return {
        "confirmation": made.confirmation_id,
        "status": "completed" if made.is_complete else "stopped",
        "reason": made.end_reason.value if made.end_reason is not None else None,
        "dissents": made.dissents,
        "counts": {kind.value: made.count(kind) for kind in ReadBack},
        "not_on_spine": [finding.patient_ref for finding in gone],
    }
