"""The client of the Spine: strict messages over watched HTTP connections, and the card session with its tokens.

The only package that speaks to the Spine. It knows no window, no SQL and no scheduler.
"""

from __future__ import annotations

from collections.abc import Collection

from app.clock import Clock
from app.spine.client import RequestsSpine
from app.spine.probe import is_simulated
from app.spine.sandbox import NoSignIn
from app.spine.settings import SpineSettings
from app.spine.sign_in import SignInService

__all__ = ["NoSignIn", "RequestsSpine", "SignInService", "SpineSettings", "card_reader", "is_simulated"]


def card_reader(
    settings: SpineSettings, clock: Clock, launch_activity_codes: Collection[str]
) -> SignInService | NoSignIn:
    """The sign-in these settings ask for; `launch_activity_codes` are granted where nobody's rights can be asked."""
    if settings.needs_sign_in:
        return SignInService(settings, clock)
    return NoSignIn(clock, launch_activity_codes)
