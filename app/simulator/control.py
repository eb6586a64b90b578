"""The simulation's own addresses, which no real Spine has: history, state, faults, rights and clock."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from aiohttp import web

from app.simulator.answer import json_answer
from app.simulator.cards import CARDS
from app.simulator.delivery import SIMULATED, deliver
from app.simulator.fault_rules import AS_USUAL
from app.simulator.fields import Fields, FieldsInvalid, number, one_or_more, text
from app.simulator.options import SIMULATION_PATH
from app.simulator.spinecsv import state_lines

if TYPE_CHECKING:
    from app.simulator.cards import CardRights
    from app.simulator.faults import Faults
    from app.simulator.history import History
    from app.simulator.journal import Journal
    from app.simulator.patients import Patients
    from app.simulator.spinetime import SpineTime

_LINES_AT_ONCE = 2000
_Route = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
OFFSET = "SELECT value FROM setting WHERE name = 'offset'"
_SET_OFFSET = (
    "INSERT INTO setting (name, value) VALUES ('offset', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


@dataclass(frozen=True, slots=True)
class Control:
    """Answers everything under the simulation address; none of it enters the history."""

    journal: Journal
    history: History
    patients: Patients
    faults: Faults
    cards: CardRights
    time: SpineTime

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        routes: dict[str, dict[str, _Route]] = {
            "/history": {"GET": self._history},
            "/state": {"GET": self._state},
            "/faults": {"GET": self._show_faults, "PUT": self._put_faults, "DELETE": self._clear_faults},
            "/rights": {"GET": self._show_rights, "PUT": self._withdraw_rights},
            "/clock": {"GET": self._show_clock, "PUT": self._move_clock},
        }
        methods = routes.get(request.path.removeprefix(SIMULATION_PATH))
        if methods is None:
            return self._refused(404, f"There is nothing at {request.path}.")
        if request.method not in methods:
            allowed = ",".join(methods)
            return self._refused(405, f"{request.path} takes {allowed} only.", {"Allow": allowed})
        try:
            return await methods[request.method](request)
        except FieldsInvalid as error:
            return self._refused(400, str(error))

    async def _history(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._stream(request, "application/json", self.history.json_pages())

    async def _state(self, request: web.BaseRequest) -> web.StreamResponse:
        # A copy, because the patients change while the lines go out.
        lines = state_lines(list(self.patients.rows()))
        return await self._stream(request, "text/csv; charset=utf-8", _pieces(lines))

    async def _show_faults(self, _: web.BaseRequest) -> web.StreamResponse:
        return self._json(self.faults.describe())

    async def _put_faults(self, request: web.BaseRequest) -> web.StreamResponse:
        self.faults.replace(await request.read())
        return self._json(self.faults.describe())

    async def _clear_faults(self, _: web.BaseRequest) -> web.StreamResponse:
        self.faults.clear()
        return self._json(self.faults.describe())

    async def _show_rights(self, _: web.BaseRequest) -> web.StreamResponse:
        return self._json(self.cards.describe())

    async def _withdraw_rights(self, request: web.BaseRequest) -> web.StreamResponse:
        fields = Fields(_document(await request.read(), "The rights are"), "rights")
        withdrawn = fields.take("withdrawn", _activities_by_card, None)
        fields.refuse_the_rest()
        if withdrawn is None:
            raise FieldsInvalid("rights.withdrawn: is missing.")
        self.cards.withdraw(withdrawn)
        return self._json(self.cards.describe())

    async def _show_clock(self, _: web.BaseRequest) -> web.StreamResponse:
        return self._json({"offset_seconds": self.time.offset_seconds, "now": self.time.now().isoformat()})

    async def _move_clock(self, request: web.BaseRequest) -> web.StreamResponse:
        fields = Fields(_document(await request.read(), "The clock's offset is"), "clock")
        offset = fields.take("offset_seconds", number, None)
        fields.refuse_the_rest()
        if offset is None:
            raise FieldsInvalid("clock.offset_seconds: is missing.")
        try:
            self.time.move(offset)
        except ValueError as error:
            raise FieldsInvalid(str(error)) from error
        self.journal.write(_SET_OFFSET, [(str(offset),)])
        await self.journal.committed()
        return await self._show_clock(request)

    def _json(self, body: object) -> web.StreamResponse:
        return deliver(json_answer(200, body, self.time.mark()), AS_USUAL)

    def _refused(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> web.StreamResponse:
        return deliver(json_answer(status, {"error": sentence}, {**(headers or {}), **self.time.mark()}), AS_USUAL)

    async def _stream(
        self, request: web.BaseRequest, content_type: str, pieces: AsyncIterator[bytes]
    ) -> web.StreamResponse:
        headers = {**SIMULATED, **self.time.mark(), "Content-Type": content_type}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
        return response


def _activities_by_card(value: Any) -> dict[str, frozenset[str]]:
    if not isinstance(value, dict) or not set(value) <= set(CARDS):
        raise ValueError("must be an object of cards, each with a list of activities")
    return {uid: one_or_more(text)(codes) for uid, codes in value.items()}


def _document(body: bytes, what: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FieldsInvalid(f"{what} not JSON: {error}.") from error


async def _pieces(lines: Iterable[str]) -> AsyncIterator[bytes]:
    """The lines in pieces big enough to send."""
    remaining = iter(lines)
    while piece := "".join(islice(remaining, _LINES_AT_ONCE)):
        yield piece.encode()
