"""The demonstration without a window: the same migration, here in the terminal."""

from __future__ import annotations

import argparse

from app.bootstrap import demonstration_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE
from app.cli.output import OK, PAUSED, say
from app.cli.run_commands import press_and_watch, tell
from app.domain.actions import Action, why_not
from app.domain.states import RunStatus
from app.engine.operator import Press


def demonstrate_in_terminal(options: argparse.Namespace) -> int:
    """Run, or go on with, the Consent Migration of the demonstration practice against its simulated Spine."""
    with demonstration_product(options.data_dir, options.patients, headless=True) as product:
        say(f"{product.practice.name}: {product.queries.active_count():,} active patients, simulated Spine.")
        product.reader.insert(DEMONSTRATION_CARD)
        product.reader.sign_in(DEMONSTRATION_PASSCODE)
        situation = product.operator.situation(product.family.key)
        wanted = next(
            action
            for action in (Action.RESUME, Action.RUN, Action.RERUN)
            if why_not(action, situation, product.family) is None
        )
        say(f"{product.family.actions[wanted].label}: {product.family.actions[wanted].meaning}")
        view = press_and_watch(product, Press(product.family.key, wanted))
        product.reader.remove_card()
    tell(view)
    return OK if view.status is RunStatus.COMPLETED else PAUSED
