"""The patients in hand: bounded read-ahead, tasks ready to go out, tasks waiting to be tried again.

Everything beyond the read-ahead stays in the database, so memory does not grow with the list.
"""

from __future__ import annotations

import heapq
from collections import deque
from datetime import datetime, timedelta

from app.clock import Clock
from app.engine.ports import MigrationStore
from app.engine.rows import ExecutionKey, Scope, WorkItem
from app.engine.task import Need, Task

READ_AHEAD = 64


class Workload:
    """Tasks of one execution, used by the loop's thread alone.

    `longest_wait` is the longest time a patient is ever put off for: one who is due later than that was put on the
    waiting list before the clock was set back, and is due now.
    """

    def __init__(
        self, store: MigrationStore, key: ExecutionKey, scope: Scope, clock: Clock, longest_wait: timedelta
    ) -> None:
        self._store = store
        self._key = key
        self._scope = scope
        self._clock = clock
        self._longest_wait = longest_wait
        self._in_hand: dict[int, Task | None] = {}
        self._anew: list[int] = []
        self._sends: deque[Task] = deque()
        self._reads: deque[Task] = deque()
        self._later: list[tuple[float, int, Task]] = []
        self._pushed = 0
        self._after = 0
        self._exhausted = False
        self._next_due: datetime | None = None
        self._due_known = False

    @property
    def in_hand(self) -> int:
        """How many patients are in hand."""
        return len(self._in_hand)

    @property
    def may_bring_more(self) -> bool:
        """Whether fresh items may be left, or some on the waiting list are not in hand."""
        return not self._exhausted or self._next_due_at() is not None

    @property
    def has_ready(self) -> bool:
        """Whether a task could go out now."""
        return bool(self._sends or self._reads)

    @property
    def has_sends(self) -> bool:
        """Whether a dissent could go out now."""
        return bool(self._sends)

    def refill(self) -> list[WorkItem]:
        """More items to take in hand, until there is no room: those to be read anew, due ones, fresh ones.

        They count as in hand until `drop` says otherwise; what each needs is told to `hold`.
        """
        if self._anew:
            return self._take_anew()
        room = READ_AHEAD - len(self._in_hand)
        if room < READ_AHEAD // 2:
            return []
        return self._take_due(room) or self._take_fresh(room)

    def expect_due(self, at: datetime) -> None:
        """An item was put on the waiting list for this instant."""
        if self._due_known and (self._next_due is None or at < self._next_due):
            self._next_due = at

    def hold(self, task: Task) -> None:
        """This task is what its item needs."""
        self._in_hand[task.item_id] = task

    def drop(self, item_id: int) -> None:
        """This patient is done with, or left to the database."""
        self._in_hand.pop(item_id, None)

    def take_anew(self, item_id: int) -> None:
        """Read this item again with the next refill: what is known of the patient is out of date."""
        self._in_hand[item_id] = None
        self._anew.append(item_id)

    def ready(self, task: Task, *, first: bool = False) -> None:
        """The task can go out; sends go before reads, `first` before its like."""
        lane = self._sends if task.need is Need.SEND else self._reads
        if first:
            lane.appendleft(task)
        else:
            lane.append(task)

    def retry(self, task: Task, seconds: float) -> None:
        """The task can go out again after this long."""
        self._pushed += 1
        heapq.heappush(self._later, (self._clock.monotonic() + seconds, self._pushed, task))

    def wake_due(self) -> None:
        """Make tasks ready whose waiting time is over."""
        now = self._clock.monotonic()
        while self._later and self._later[0][0] <= now:
            self.ready(heapq.heappop(self._later)[2], first=True)

    def wake_all(self) -> None:
        """Make every waiting task ready with its tries forgotten: an outage was found, which is not their fault."""
        while self._later:
            self.ready(heapq.heappop(self._later)[2])
        for task in self._in_hand.values():
            if task is not None:
                task.forget_tries()

    def seconds_to_retry(self) -> float:
        """Until the next waiting task can go out; infinite when none waits."""
        return max(0.0, self._later[0][0] - self._clock.monotonic()) if self._later else float("inf")

    def put_off_until(self) -> datetime | None:
        """When the next patient comes due, where only those put off are left; None while there are others."""
        if not self._exhausted or not self._due_known or len(self._in_hand) > len(self._later):
            return None
        due = [] if self._next_due is None else [self._next_due]
        if self._later:
            due.append(self._clock.now() + timedelta(seconds=self.seconds_to_retry()))
        return min(due, default=None)

    def next_ready(self, *, prefer_read: bool = False) -> Task:
        """The next task to go out, taken from its lane; there is one if `has_ready`."""
        first, second = (self._reads, self._sends) if prefer_read else (self._sends, self._reads)
        return (first or second).popleft()

    def take_unprepared(self) -> list[Task]:
        """Tasks that wait for a sender and whose message is not in the database yet, taken from their lane."""
        found = [task for task in self._sends if task.sent_message.state is None]
        if found:
            self._sends = deque(task for task in self._sends if task.sent_message.state is not None)
        return found

    def take_sends(self) -> list[Task]:
        """Every task that is ready to send, taken from its lane."""
        found = list(self._sends)
        self._sends.clear()
        return found

    def _take_anew(self) -> list[WorkItem]:
        found = self._store.items(self._key, self._anew)
        self._anew = []
        return found

    def _take_due(self, room: int) -> list[WorkItem]:
        due_at, now = self._next_due_at(), self._clock.now()
        if due_at is None or now < due_at <= now + self._longest_wait:
            return []
        found = self._store.due_items(self._key, self._scope, max(now, due_at), self._in_hand.keys(), room)
        self._due_known = False
        self._in_hand.update(dict.fromkeys(work.item_id for work in found))
        return found

    def _take_fresh(self, room: int) -> list[WorkItem]:
        if self._exhausted:
            return []
        page = self._store.fresh_items(self._key, self._scope, self._after, room)
        if not page:
            self._exhausted = True
            return []
        self._after = page[-1].sequence
        found = [work for work in page if work.item_id not in self._in_hand]
        self._in_hand.update(dict.fromkeys(work.item_id for work in found))
        return found

    def _next_due_at(self) -> datetime | None:
        """When the next item on the waiting list, not in hand, comes due."""
        if not self._due_known:
            self._next_due = self._store.next_due_at(self._key, self._scope, self._in_hand.keys())
            self._due_known = True
        return self._next_due
