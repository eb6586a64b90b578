"""The go-live certificate as text, or as one object. It names nobody, so it takes no card."""

from __future__ import annotations

import argparse
from typing import Any

from app.bootstrap import certificate_of
from app.cli.output import OK, show, show_json
from app.config import load_settings
from app.domain.read_back import ReadBack
from app.engine.certificate import Certificate, checks_of, is_complete
from app.engine.certificate_words import text_lines


def certify(options: argparse.Namespace) -> int:
    """Show where every active patient stands after all runs."""
    certificate = certificate_of(load_settings(options.data_dir))
    if options.json:
        show_json(_report(certificate))
    else:
        for line in text_lines(certificate):
            show(line)
    return OK


def _report(certificate: Certificate) -> dict[str, Any]:
    figures, confirmation = certificate.figures, certificate.confirmation
    return {
        "status": "complete" if is_complete(certificate) else "not_complete",
        "practice": certificate.practice.name,
        "ods_code": certificate.practice.ods_code,
        "spine": certificate.practice.spine.value,
        "taken_at": certificate.taken_at.isoformat(),
        "taken_by": certificate.taken_by,
        "active": figures.active,
        "outcomes": [
            {
                "outcome": one.state.value if one.state is not None else None,
                "reason": one.reason.value if one.reason is not None else None,
                "patients": one.patients,
            }
            for one in figures.outcomes
        ],
        "dissents": {
            "recorded": figures.dissents,
            "on_spine": figures.on_spine,
            "not_sent": figures.not_sent,
            "mismatch": figures.mismatches,
        },
        "read_back": None
        if confirmation is None
        else {"dissents": confirmation.dissents, **{kind.value: confirmation.count(kind) for kind in ReadBack}},
        "checks": [{"words": check.words, "passed": check.passed} for check in checks_of(certificate)],
        "joined": figures.joined,
        "audit": {"events": figures.events, "seal": figures.seal},
    }
