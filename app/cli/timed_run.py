"""A run with times in a terminal that stays open: it pauses at the stop, waits, and goes on at the resume time.

The watchman looks in a thread of his own and hands over what is to be begun; this thread carries it out and listens
for signals.
"""

from __future__ import annotations

import argparse
import queue
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from app.bootstrap import Product, by_account, keeping_watch
from app.cli.card import renewal
from app.cli.output import say
from app.cli.schedule_words import GIVEN_BACK, forecast_lines, in_words
from app.cli.terminal import stop_signals, watch
from app.domain.actions import Action
from app.domain.errors import Refused, StorageBusy
from app.domain.occurrences import outcome_words
from app.domain.phrases import day_and_time
from app.domain.planning import Planned
from app.domain.states import RunStatus, stop_words
from app.engine.control import StopToken
from app.engine.ports import RunView
from app.engine.press import Press
from app.engine.schedule_rows import ScheduleView
from app.engine.watchman import Notice, Order

_LISTEN_SECONDS = 3.0
"""How often it is asked whether there is still something to wait for; what happens here is heard at once."""


class TimedRun:
    """One terminal's run with times; nobody else keeps watch over the practice meanwhile."""

    def __init__(self, product: Product, options: argparse.Namespace) -> None:
        self._product = product
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._renewal = renewal(product, options)
        self._ends_waiting = StopToken()
        self._ends_waiting.on_stop(self._listen_up)
        self._run_id: int | None = None
        self._before: RunView | None = None

    def press(self, wanted: Press, planned: Planned) -> RunView:
        """Press an action with times, and stay until nothing goes on by itself any more; how its run stands then.

        Raises `Refused` where it may not be pressed, and where another copy of the program keeps watch.
        """
        self._foretell(wanted, planned)
        return self._on_watch(lambda order_for: self._press(wanted, planned, order_for))

    def stay(self) -> RunView:
        """Stay on watch over what is scheduled already; how its run stands then. Raises `Refused` when nothing is."""
        held = self._product.schedules.active()
        if held is None:
            raise Refused("Nothing is scheduled. Set times with the command schedule add, or in the window.")
        say(in_words(held.schedule))
        self._run_id = held.schedule.run_id
        return self._on_watch(lambda _: self._go_on(None))

    def began_nothing(self, view: RunView) -> bool:
        """Whether nobody has worked on this run since the waiting began: what was to go on with it never did."""
        before = self._before
        return before is not None and (view.run_id, view.last_begun_at) == (before.run_id, before.last_begun_at)

    def _on_watch(self, work: Callable[[Callable[[Press], Order]], RunView]) -> RunView:
        watched = replace(self._product.watched, renew_session=self._renewal, stays_on_watch=True)
        if watched.watch.holder() is not None:
            raise Refused(
                "Another copy of the program looks after this practice's times and would begin what is to be begun "
                "here. Press it there, or close that copy first."
            )
        session = self._product.reader.current()
        self._before = self._product.queries.latest_run(self._product.family.key)
        watched.watch.acquire("a terminal" if session is None else session.user_name)
        # Listened for all the time, not only while it waits: a signal between two executions must find somebody.
        listening = stop_signals(self._ends_waiting, "Waiting no longer.")
        with keeping_watch(watched, self._orders.put, self._tell) as kept, listening:
            view = work(kept.watchman.order)
        self._tell_of_the_run_before(view)
        return view

    def _tell_of_the_run_before(self, view: RunView) -> None:
        """A paused run that this one was to replace can be resumed again, where this one never began."""
        if view.status is RunStatus.ABANDONED and view.started_at is None:
            latest = self._product.queries.latest_run(self._product.family.key)
            if latest is not None and latest.status is RunStatus.STOPPED:
                say(GIVEN_BACK)

    def _press(self, wanted: Press, planned: Planned, order_for: Callable[[Press], Order]) -> RunView:
        answer = self._product.timed.press(wanted, planned.plan)
        if isinstance(answer, ScheduleView):
            self._run_id = answer.run_id
            return self._go_on(None)
        return self._go_on(self._carry_out(order_for(answer)))

    def _carry_out(self, order: Order) -> RunView:
        view = watch(order.execute, self._product.reader, self._product.clock)
        self._run_id = view.run_id
        return view

    def _go_on(self, view: RunView | None) -> RunView:
        """Carry out whatever comes due, until a person would have to press something."""
        while not self._ends_waiting.is_set and self._announce(view):
            order = self._next_order()
            if order is not None:
                try:
                    view = self._carry_out(order)
                except (Refused, StorageBusy) as hindrance:
                    # A database that somebody else holds is free again soon: the watch hands the order over anew.
                    say(str(hindrance))
                self._forget_orders()
        if self._ends_waiting.is_set:
            self._cancel()
        return self._run_of_this_wait()

    def _announce(self, view: RunView | None) -> bool:
        """Say what it waits for; whether there is anything."""
        held, now = self._product.schedules.active(), self._product.clock.now()
        following = None if held is None else held.following(now)
        if following is None:
            return False
        # Somebody may have put other times in the place of those it waited for.
        self._run_id = held.schedule.run_id if held is not None else self._run_id
        if view is not None and view.stop_reason is not None:
            say(f"Paused. {stop_words(view.stop_reason, view.stop_detail)}")
        say(f"Waiting for {day_and_time(following.begins_at, now)}. Leave this terminal open; Ctrl-C ends the waiting.")
        return True

    def _next_order(self) -> Order | None:
        """Wait for what is to be begun; None when there is nothing to wait for any more."""
        while not self._ends_waiting.is_set and self._waits_for_something():
            with suppress(queue.Empty):
                order = self._orders.get(timeout=_LISTEN_SECONDS)
                if order is not None:
                    return order
        return None

    def _listen_up(self) -> None:
        """Have whoever waits for an order look up, for there may be none to wait for any more."""
        self._orders.put(None)

    def _waits_for_something(self) -> bool:
        held, now = self._product.schedules.active(), self._product.clock.now()
        # One that has lapsed is at an end in a moment: how the run stands is told once the watch has seen to that.
        return held is not None and (held.following(now) is not None or held.has_lapsed(now))

    def _cancel(self) -> None:
        """Ctrl-C while it waits is Stop: nothing goes on by itself after that."""
        session = self._product.reader.current()
        with suppress(Refused):
            self._product.schedules.cancel(by_account() if session is None else self._product.timed.by(session))
            say("The times that were set no longer apply.")

    def _forget_orders(self) -> None:
        """What was handed over meanwhile is handed over again where it is still to be begun."""
        with suppress(queue.Empty):
            while True:
                self._orders.get_nowait()

    def _tell(self, notice: Notice) -> None:
        settled = notice.settled
        planned_for = day_and_time(settled.occurrence.begins_at, self._product.clock.now())
        say(f"Planned for {planned_for}. {outcome_words(settled.outcome, settled.why, settled.detail)}")

    def _foretell(self, wanted: Press, planned: Planned) -> None:
        """What OK would have said: what will happen, and what speaks against it."""
        product = self._product
        now, session = product.clock.now(), product.reader.current()
        for line in forecast_lines(planned, now, self._patients(wanted), product.loop.per_second, session):
            say(line)

    def _patients(self, wanted: Press) -> int:
        if wanted.action.makes_new_run:
            return self._product.queries.active_count(wanted.group)
        situation = self._product.operator.situation(wanted.family)
        return situation.failed if wanted.action is Action.FAILED else situation.unfinished

    def _run_of_this_wait(self) -> RunView:
        """The run it waited for or worked on last: one that never began is told of as well, which nothing else does."""
        view = None if self._run_id is None else self._product.queries.run(self._run_id)
        if view is None:
            raise AssertionError("something was pressed or scheduled, so there is a run")
        return view
