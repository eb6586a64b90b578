"""Judges an evening of a practice after every step: the invariants, and what can be said beyond them."""

from __future__ import annotations

from app.domain.outcomes import ItemState, Reason
from app.domain.states import RunStatus
from tests.helpers.bench import FAMILY, Bench
from tests.helpers.expected import DISSENT
from tests.helpers.foresight import foresee
from tests.helpers.invariants import check_invariants

LISTED = frozenset({Reason.ALREADY_ON_SPINE, Reason.NOT_PERMANENT_YET})


class Judge:
    """Knows what was done to the practice beside the program."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.edited: set[str] = set()
        """Whose record was changed since the latest run began."""
        self.clock_was_put_on = False

    def check(self, *, trail: bool = False) -> None:
        """What must hold after every step; with the audit `trail`, which takes longer as it grows."""
        check_invariants(self._bench, trail=trail)
        self._check_that_nothing_was_applied_twice()
        self._check_that_every_objection_is_done_or_listed()

    def check_that_nothing_was_sent(self, calls_before: int) -> None:
        """I10, of a second full pass: nothing was sent since there were so many calls."""
        sent = [call for call in self._bench.spine.calls[calls_before:] if call.operation == "send"]
        assert all(self._is_untold(call.nhs_number) for call in sent), "I10: nothing had changed"

    def _is_untold(self, number: str) -> bool:
        """Whether the Spine tells nothing of this patient, whatever it holds."""
        return self._bench.spine.hides_dissent and not self._bench.spine.holdings[number].has_scr

    def _check_that_nothing_was_applied_twice(self) -> None:
        """More than I2: where the Spine can be read back, and nobody else changes it, each message lands once."""
        if self.clock_was_put_on:
            # The settle time was cut short, so a message may have been sent again before it landed late.
            return
        excepted = {self._bench.numbers[ref] for ref in self._bench.changed_elsewhere}
        landed = [
            call.request_id
            for call in self._bench.spine.sends()
            if call.applied and not self._is_untold(call.nhs_number) and call.nhs_number not in excepted
        ]
        assert len(landed) == len(set(landed)), "a message was applied twice"

    def _check_that_every_objection_is_done_or_listed(self) -> None:
        """I1: whoever objects has ended protected, or stands on a list that a person sees."""
        latest = self._bench.queries.latest_run(FAMILY)
        if latest is None or latest.status is not RunStatus.COMPLETED:
            return
        for ref, foreseen in foresee(self._bench).items():
            if ref not in self.edited and foreseen.code_before in DISSENT:
                state, reason = self._bench.ended(ref)
                assert state in {ItemState.SENT, ItemState.FAILED} or reason in LISTED, f"I1: {ref}"
