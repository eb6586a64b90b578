"""Previews of the practice of a bench, whose Spine has no way to be written to; and proof that nothing was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from app.bootstrap.preview import from_records, previewer, with_spine
from app.domain.actions import Action
from app.engine.control import StopToken
from app.engine.operator import OperatorSettings
from app.engine.practice import SpineKind
from app.engine.press import Press
from app.engine.preview import Depth, Preview, Previewer, Wish
from app.engine.spine_port import MessageIds, SpineAnswer
from app.storage.database import PracticeDatabase
from app.storage.tables import audit_event, metadata
from tests.helpers.bench import FAMILY, WORKSTATION, Bench, Board
from tests.helpers.scripted_spine import ScriptedSpine

Rows = dict[str, list[dict[str, Any]]]


class OnlyRead:
    """A scripted Spine's connections, without what writes."""

    def __init__(self, spine: ScriptedSpine) -> None:
        self._spine = spine

    def connect_reader(self, session_id: str) -> OnlyRead:
        return self

    def read_consent(self, nhs_number: str, ids: MessageIds) -> SpineAnswer:
        return self._spine.answer("read", nhs_number, ids)

    def abort(self) -> None:
        return

    def close(self) -> None:
        return


class Previews:
    """What a program that was just started on a bench's practice previews with."""

    def __init__(self, bench: Bench, kind: SpineKind = SpineKind.SIMULATED) -> None:
        self.bench = bench
        operator = bench.operator()
        settings = OperatorSettings(bench.launch_codes, bench.scr_enabled, WORKSTATION, bench.settings)
        means = {
            Depth.RECORDS: from_records(operator.possible, bench.clock, settings),
            Depth.SPINE: with_spine(
                bench.database, operator, bench.card, OnlyRead(bench.spine), lambda: kind, bench.clock
            ),
        }
        self.previewer: Previewer = previewer(bench.database, means, bench.clock, settings, bench.make_senders)
        self.board = Board()

    def take(
        self,
        action: Action = Action.RUN,
        *,
        group: str | None = None,
        depth: Depth = Depth.SPINE,
        token: StopToken | None = None,
    ) -> Preview:
        self.board = Board()
        return self.previewer.take(Wish(Press(FAMILY, action, group), depth), token or StopToken(), self.board)

    def ended(self) -> dict[str, tuple[str, str | None]]:
        """What would become of each patient, by reference."""
        preview, copy = self.previewer.current, self.previewer.copy()
        assert preview is not None
        return {
            one.patient_ref: (one.state.value, None if one.reason is None else one.reason.value)
            for one in copy.outcomes.page(preview.view.run_id, 0, 100_000)
        }


def everything_in(database: PracticeDatabase) -> Rows:
    """Every row of every table."""
    found: Rows = {}
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
            found[table.name] = [dict(row) for row in rows]
    return found


@contextmanager
def nothing_is_written(database: PracticeDatabase, events: tuple[str, ...] = ("preview_taken",)) -> Iterator[None]:
    """Meanwhile the practice's database gains these audit events and changes in nothing else."""
    before = everything_in(database)
    yield
    after = everything_in(database)
    known = len(before["audit_event"])
    assert tuple(event["action"] for event in after["audit_event"][known:]) == events
    del after["audit_event"][known:]
    for rows in (before, after):
        for row in rows["meta"]:
            del row["audit_number"], row["audit_hash"]
    assert after == before


def events_of(database: PracticeDatabase, action: str) -> list[dict[str, Any]]:
    """The audit events of one kind."""
    with database.reading() as connection:
        query = select(audit_event).where(audit_event.c.action == action)
        return [dict(row) for row in connection.execute(query).mappings()]
