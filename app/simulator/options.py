"""What a simulated Spine is started with, and the addresses it then has."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.simulator.errors import SimulatorError

HOST = "127.0.0.1"
DEFAULT_PORT = 8750
_LAST_PORT = 65_535

FHIR_PATH = "/summary-care-record/FHIR/R4"
AUTH_PATH = "/oauth2"
SIMULATION_PATH = "/simulation"


class DissentShape(StrEnum):
    """How a read shows that a patient has dissented; which one the live Spine uses is not settled."""

    FORBIDDEN = "403"
    """Every patient with No answers 403 with 30418."""
    LABEL = "label"
    """With a summary: 200 and the label No; without one: 403 with 30418."""
    HIDDEN = "hidden"
    """With a summary: 200 and the label No; without one: total 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorOptions:
    """How one simulated Spine is to behave.

    `port` 0 takes a free one. `state` is the file it remembers everything in; without one it forgets at its end.
    `load` is a spine.csv for an empty state. `rate` is requests a second, 0 for no limit. `latency_ms` is how
    long each request to the Spine takes. `sandbox` asks for no token, as the NHS sandbox does.
    Raises SimulatorError for a number that makes no sense.
    """

    port: int = DEFAULT_PORT
    state: Path | None = None
    load: Path | None = None
    rate: float = 5.0
    latency_ms: int = 0
    dissent_shape: DissentShape = DissentShape.FORBIDDEN
    sandbox: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.port <= _LAST_PORT:
            raise SimulatorError(f"The port {self.port} does not exist. Choose one from 1 to {_LAST_PORT}, or 0.")
        if not (math.isfinite(self.rate) and self.rate >= 0):
            raise SimulatorError("The rate must be 0 for no limit, or a number of requests a second.")
        if self.latency_ms < 0:
            raise SimulatorError("The latency must be 0 or more milliseconds.")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running simulated Spine is reached."""

    port: int

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.port}"

    @property
    def spine(self) -> str:
        """The base of the Summary Care Record API."""
        return self.root + FHIR_PATH

    @property
    def auth(self) -> str:
        """The base of the simulated sign-in."""
        return self.root + AUTH_PATH

    @property
    def simulation(self) -> str:
        """The base of what only a simulation has: history, state, faults, clock."""
        return self.root + SIMULATION_PATH

    def ready_line(self) -> str:
        """The one line of JSON that says the simulated Spine is ready, and where."""
        return json.dumps({"spine": self.spine, "auth": self.auth, "simulation": self.simulation, "port": self.port})
