"""How a practice reaches the Spine that was chosen for it: who is signed in, what exchanges, what moves the clock.

Which Spine that is, is settled in `spine_choice`; what is done there is the engine's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.bootstrap.spine_choice import SpineChoice
from app.clock import Clock, MovableClock
from app.config import Settings
from app.engine.ports import CardReader
from app.engine.practice import SpineKind
from app.engine.simulation import SimulationControls
from app.spine.application_access import ApplicationAccess
from app.spine.auth_service import AuthService
from app.spine.client import RequestsSpine
from app.spine.exchange import Hear, Reply, hear_nothing
from app.spine.peer_clock import PeerClock
from app.spine.sandbox import NoSignIn
from app.spine.sign_in import SignInService
from app.spine.simulated_reader import SimulatedReader
from app.spine.simulated_time import SimulatedTime
from app.spine.simulation import SimulatedSpineControls
from app.storage.database import PracticeDatabase


@dataclass(frozen=True, slots=True)
class SpineAccess:
    """The client, and whoever is signed in to it.

    `kind` is asked of whoever gave the session, at the time it counts: the address may have changed hands since the
    start. `require_right_time` raises `Refused` where this computer's clock is far from what the services tell. Where
    not `reads_need_card`, questions go on once the card session is over. `simulation` is there where the Spine says
    that it is simulated.
    """

    service: RequestsSpine
    reader: CardReader
    kind: Callable[[], SpineKind]
    require_right_time: Callable[[], None]
    reads_need_card: bool
    simulation: SimulationControls | None


def time_of_a_rehearsal(clock: Clock, database: PracticeDatabase) -> SimulatedTime | None:
    """What moves the program's clock with a simulated Spine's; nothing does where a real one was ever worked with."""
    if isinstance(clock, MovableClock) and database.info().spine is not SpineKind.REAL:
        return SimulatedTime(clock)
    return None


def spine_access(settings: Settings, clock: Clock, choice: SpineChoice, time: SimulatedTime | None) -> SpineAccess:
    """Access to the chosen Spine; `time` is moved by what it answers, where there is one."""
    peers = PeerClock(clock)
    hear = _both(time.hear if time else hear_nothing, peers.hear)
    sign_in, reader = _sign_in(settings, clock, choice, hear)
    application = _application(settings, clock, choice, hear)

    def kind() -> SpineKind:
        simulated = sign_in.simulated if isinstance(sign_in, SignInService) else True
        return SpineKind.SIMULATED if simulated or choice.is_rehearsal else SpineKind.REAL

    return SpineAccess(
        service=RequestsSpine(choice.client, sign_in, clock, hear, application),
        reader=reader,
        kind=kind,
        require_right_time=peers.require_agreement,
        reads_need_card=application is None,
        simulation=_simulation(choice, clock, time),
    )


def _both(one: Hear, other: Hear) -> Hear:
    def hear(reply: Reply, begun_at: float) -> None:
        one(reply, begun_at)
        other(reply, begun_at)

    return hear


def _simulation(choice: SpineChoice, clock: Clock, time: SimulatedTime | None) -> SimulationControls | None:
    if choice.simulation_url is None:
        return None
    return SimulatedSpineControls(choice.client, choice.simulation_url, clock, time.hear_move if time else hear_nothing)


def _application(settings: Settings, clock: Clock, choice: SpineChoice, hear: Hear) -> ApplicationAccess | None:
    """Access for questions without a card, where the practice lets them go on and the Spine asks who is asking."""
    if not (settings.application_reads and choice.client.needs_sign_in):
        return None
    return ApplicationAccess(AuthService(choice.client, clock, hear), clock)


def _sign_in(
    settings: Settings, clock: Clock, choice: SpineChoice, hear: Hear
) -> tuple[SignInService | NoSignIn, CardReader]:
    """Whoever holds the session, and the reader in front of it."""
    if not choice.client.needs_sign_in:
        nobody = NoSignIn(clock, settings.launch_activity_codes)
        return nobody, nobody
    service = SignInService(choice.client, clock, hear)
    return service, SimulatedReader(service)
