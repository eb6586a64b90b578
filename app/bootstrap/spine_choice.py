"""Which Spine the program works against: the one that is set, else a simulated one that runs on this computer.

Whether a Spine is a simulated one is asked of the Spine itself; nobody has to say so, and nobody can get it wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from app.clock import Clock
from app.config import Settings
from app.domain.errors import NoSpine, Refused
from app.simulator.options import AUTH_PATH, DEFAULT_PORT, FHIR_PATH, SIMULATION_PATH, Addresses
from app.spine.exchange import Hear, hear_nothing
from app.spine.probe import is_simulated
from app.spine.settings import SpineSettings

_LIVE_HOST = "api.service.nhs.uk"


@dataclass(frozen=True, slots=True)
class SpineChoice:
    """The client's settings, and in a word which Spine that is.

    `is_made_up` says that its patients are, a rehearsal that what is sent there reaches nobody's real summary: the
    NHS's own test environments are no simulation, and yet nothing done there may count for the live Spine.
    `simulation_url` is where a simulated Spine can be told what to do, None for any other.
    """

    client: SpineSettings
    label: str
    is_made_up: bool
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
    on_trial = is_test_environment(client.spine_url)
    label = "simulated" if simulated else "NHS sandbox" if sandbox else "NHS test environment" if on_trial else "live"
    simulation_url = _beside(client.spine_url, SIMULATION_PATH) if simulated else None
    is_made_up = simulated or sandbox
    return SpineChoice(client, label, is_made_up, is_made_up or on_trial, simulation_url)


def is_test_environment(spine_url: str) -> bool:
    """Whether this is one of the NHS's environments for trying things out: int, ref, sandbox and their like."""
    host = (urlsplit(spine_url).hostname or "").rstrip(".")
    return host.endswith(f".{_LIVE_HOST}")


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
