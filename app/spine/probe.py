"""Asking a Spine whether it is a simulated one, before anything is worked against it."""

from __future__ import annotations

from pathlib import Path

from app.clock import Clock, SystemClock
from app.spine.exchange import Exchanger, Hear, hear_nothing
from app.spine.messages import Message
from app.spine.settings import NO_SIGN_IN, SpineSettings

_PATIENCE_SECONDS = 10.0


def is_simulated(
    spine_url: str,
    *,
    proxy: str | None = None,
    ca_bundle: Path | None = None,
    clock: Clock | None = None,
    hear: Hear = hear_nothing,
) -> bool:
    """Whether the Spine at this address says that it is simulated; False when nothing answers there.

    Any answer tells, even an error; the question touches no patient. Raises `BadInput` for an unusable address.
    """
    settings = SpineSettings(spine_url=spine_url, auth_url=NO_SIGN_IN, proxy=proxy, ca_bundle=ca_bundle)
    clock = clock or SystemClock()
    exchanger = Exchanger(settings, settings.spine_url, clock.monotonic, hear)
    try:
        message = Message("GET", f"{settings.spine_url}/healthcheck", {"Accept": "*/*"})
        return exchanger.exchange(message, clock.monotonic() + _PATIENCE_SECONDS).simulated
    finally:
        exchanger.close()
