"""A press of one of the four actions, and whether it is possible as things stand, whoever presses."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.actions import Action, RunSituation, why_not
from app.domain.errors import Refused
from app.domain.states import RunStatus
from app.engine.ports import PracticeLock, RunQueries
from app.engine.schedule_rows import DueOccurrence, Timing


@dataclass(frozen=True, slots=True)
class Press:
    """One press of an action. `group` is for Run and Rerun; None means everyone.

    Without a `timing` it works until it is done or stopped, and whatever was scheduled is at an end.
    """

    family: str
    action: Action
    group: str | None = None
    timing: Timing | None = None


class PressCheck:
    """Asks the runs and the lock; the rights of the person are not its affair. Safe from any thread."""

    def __init__(self, queries: RunQueries, lock: PracticeLock, *, scr_enabled: bool) -> None:
        self._queries = queries
        self._lock = lock
        self._scr_enabled = scr_enabled

    def situation(self, family: str) -> RunSituation:
        """What the four actions depend on, as things stand."""
        latest = self._queries.latest_run(family)
        holder = self._lock.holder()
        live = holder is not None or self._lock.held_here
        if latest is None:
            return RunSituation(live=live, live_elsewhere=holder)
        counts = latest.counts
        return RunSituation(latest.status, live, counts.failed, counts.unprocessed + counts.sending, holder)

    def require_scr(self) -> None:
        """Raise `Refused` while the Summary Care Record is switched off."""
        if not self._scr_enabled:
            raise Refused(
                "The Summary Care Record is switched off for this practice. Switch it on in the settings first."
            )

    def require(self, press: Press) -> None:
        """Raise `Refused` with the reason why this cannot be pressed now."""
        if (obstacle := obstacle_to(press, self.situation(press.family))) is not None:
            raise Refused(obstacle)
        if press.action.makes_new_run and self._queries.active_count(press.group) == 0:
            raise Refused(_nobody(press.group))


def obstacle_to(press: Press, situation: RunSituation) -> str | None:
    """Why not, in words. A run that is scheduled may be begun by its own schedule, and by nothing else."""
    scheduled = situation.status is RunStatus.SCHEDULED and not situation.live
    if scheduled and press.action.makes_new_run and isinstance(press.timing, DueOccurrence):
        return None
    return why_not(press.action, situation)


def _nobody(group: str | None) -> str:
    if group is None:
        return "This practice has no active patients, so there is nobody to scan. Import the practice's list first."
    return "Nobody in this group is an active patient, so there is nobody to scan. Choose another group."
