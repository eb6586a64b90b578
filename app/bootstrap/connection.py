"""Testing the connection with the settings as they are: which Spine is reached, and whether one can sign in."""

from __future__ import annotations

from pathlib import Path

from app.bootstrap.spine_choice import sign_in_address
from app.clock import Clock, SystemClock
from app.config import Settings
from app.domain.errors import KnownError
from app.engine.connection import ConnectionReport, Remark, Verdict
from app.engine.long_work import Progress, nobody_waits
from app.simulator.options import DEFAULT_PORT, Addresses
from app.spine.reachability import look_at_sign_in, look_at_spine
from app.spine.settings import NO_SIGN_IN, SpineSettings

_NO_ADDRESS = "No Spine address is set, so a simulated Spine on this computer is looked for."
_NO_SIMULATED = (
    "No simulated Spine is running on this computer. Set the address of the Spine in the settings, or work with the "
    "demonstration practice, which brings its own."
)


def look_at_connection(
    settings: Settings, clock: Clock | None = None, progress: Progress = nobody_waits
) -> ConnectionReport:
    """Ask both services, and say what was found; nothing is sent that concerns a patient. Raises `Cancelled`."""
    clock = clock or SystemClock()
    remarks: list[Remark] = []
    try:
        spine = spine_settings(settings, settings.auth_url or NO_SIGN_IN)
        if not settings.spine_url:
            remarks.append(Remark(Verdict.NOTE, _NO_ADDRESS))
        progress("Asking the Spine")
        reply, told = look_at_spine(spine, clock)
        if not settings.spine_url and not reply.simulated:
            return ConnectionReport([*remarks, Remark(Verdict.BAD, _NO_SIMULATED)])
        remarks += told
        progress("Asking the sign-in service")
        auth_url = settings.auth_url or sign_in_address(spine.spine_url, simulated=reply.simulated)
        remarks.append(look_at_sign_in(spine_settings(settings, auth_url), clock))
    except KnownError as fault:
        remarks.append(Remark(Verdict.BAD, str(fault)))
    return ConnectionReport(remarks)


def spine_settings(settings: Settings, auth_url: str) -> SpineSettings:
    """The client's settings. Raises `BadInput` naming the one that cannot be used."""
    return SpineSettings(
        spine_url=settings.spine_url or Addresses(DEFAULT_PORT).spine,
        auth_url=auth_url,
        connect_timeout=settings.connect_timeout_seconds,
        read_timeout=settings.read_timeout_seconds,
        deadline=settings.deadline_seconds,
        proxy=settings.proxy or None,
        ca_bundle=Path(settings.ca_bundle) if settings.ca_bundle else None,
        client_certificate=Path(settings.client_certificate) if settings.client_certificate else None,
    )
