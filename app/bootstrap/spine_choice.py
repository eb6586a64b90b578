"""Which Spine the program works against: the one that is set, else a simulated one that runs on this computer.

Whether a Spine is a simulated one is asked of the Spine itself; nobody has to say so, and nobody can get it wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.clock import Clock
from app.config import Settings
from app.domain.errors import NoSpine, Refused
from app.simulator.options import AUTH_PATH, DEFAULT_PORT, FHIR_PATH, SIMULATION_PATH, Addresses
from app.spine.exchange import Hear, hear_nothing
from app.spine.probe import is_simulated
from app.spine.settings import SpineSettings


@dataclass(frozen=True, slots=True)
class SpineChoice:
    """The client's settings, and in a word which Spine that is. A rehearsal is one on which nothing is real.

    `simulation_url` is where a simulated Spine can be told what to do, None for any other.
    """

    client: SpineSettings
    label: str
    is_rehearsal: bool
    simulation_url: str | None


def choose_spine(settings: Settings, clock: Clock, hear: Hear = hear_nothing) -> SpineChoice:
    """Settle the addresses. `hear` is told what the Spine answers when it is asked what it is.

    Raises `NoSpine` when none is set and none is found, `Refused` when the sign-in address is missing, and `BadInput`
    for an address that cannot be used.
    """
    ca_bundle = Path(settings.ca_bundle) if settings.ca_bundle else None
    spine_url = settings.spine_url or Addresses(DEFAULT_PORT).spine
    simulated = is_simulated(spine_url, proxy=settings.proxy or None, ca_bundle=ca_bundle, clock=clock, hear=hear)
    if not settings.spine_url and not simulated:
        raise NoSpine(
            "No Spine address is set, and no simulated Spine is running on this computer. "
            "Start one with the command simulator, or set SPINE_URL in the settings."
        )
    client = SpineSettings(
        spine_url=spine_url,
        auth_url=settings.auth_url or sign_in_address(spine_url, simulated=simulated),
        connect_timeout=settings.connect_timeout_seconds,
        read_timeout=settings.read_timeout_seconds,
        deadline=settings.deadline_seconds,
        proxy=settings.proxy or None,
        ca_bundle=ca_bundle,
        client_certificate=Path(settings.client_certificate) if settings.client_certificate else None,
    )
    sandbox = not client.needs_sign_in
    label = "simulated" if simulated else "NHS sandbox" if sandbox else "live"
    simulation_url = _beside(client.spine_url, SIMULATION_PATH) if simulated else None
    return SpineChoice(client, label, simulated or sandbox, simulation_url)


def sign_in_address(spine_url: str, *, simulated: bool) -> str:
    """The sign-in address that stands beside a simulated Spine's."""
    if not simulated:
        raise Refused(
            "This Spine does not answer, or is not a simulated one, and no sign-in address is set for it. "
            "Start it, or set AUTH_URL in the settings (none for the NHS sandbox)."
        )
    return _beside(spine_url, AUTH_PATH)


def _beside(spine_url: str, path: str) -> str:
    """Another of the addresses that a simulated Spine has."""
    return spine_url.rstrip("/").removesuffix(FHIR_PATH) + path
