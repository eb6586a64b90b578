"""What the simulated Spine received, in order: one entry a request, kept in the journal, never taken out.

An entry is there from the moment the request is received; its status comes with the answer, and `applied` turns
true when the change it asked for takes effect, which may be later.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.simulator.call import Call
    from app.simulator.journal import Journal, Row
    from app.simulator.spinetime import SpineTime

_PAGE = 1000
_COLUMNS = (
    "n", "at", "method", "path", "nhs_number", "permission", "request_id", "correlation_id", "status", "applied",
)  # fmt: skip
_PUT = (
    f"INSERT INTO history ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - fixed names
    " ON CONFLICT (n) DO UPDATE SET status = excluded.status, applied = excluded.applied"
)
_AFTER = f"SELECT {', '.join(_COLUMNS)} FROM history WHERE n > ? ORDER BY n LIMIT {_PAGE}"  # noqa: S608 - fixed names


@dataclass(slots=True)
class Entry:
    """One request received; `status` stays None when no answer was sent."""

    n: int
    at: str
    call: Call
    status: int | None = None
    applied: bool = False

    def row(self) -> Row:
        """The entry as the journal stores it."""
        call = self.call
        told = (call.method, call.path, call.nhs_number, call.permission, call.request_id, call.correlation_id)
        texts = (text if text is None else _storable(text) for text in told)
        return (self.n, self.at, *texts, self.status, int(self.applied))


class History:
    """The growing list of requests."""

    def __init__(self, journal: Journal, time: SpineTime) -> None:
        self._journal = journal
        self._time = time
        self._last = journal.rows("SELECT coalesce(max(n), 0) FROM history")[0][0]
        self._changed: dict[int, Entry] = {}

    def receive(self, call: Call) -> Entry:
        """Note a request that has just come in."""
        self._last += 1
        at = self._time.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
        entry = Entry(self._last, at, call)
        self.note(entry)
        return entry

    def note(self, entry: Entry) -> None:
        """Have the journal take over what has changed in an entry."""
        if not self._changed:
            self._journal.write(_PUT, self._take_changed())
        self._changed[entry.n] = entry

    async def json_pages(self) -> AsyncIterator[bytes]:
        """The whole history as the pieces of one JSON array, read page by page."""
        separator, last = b"[", 0
        while rows := await self._journal.read(_AFTER, (last,)):
            last = rows[-1][0]
            yield separator + ",\n".join(_as_json(row) for row in rows).encode()
            separator = b",\n"
        yield b"]" if last else b"[]"

    def _take_changed(self) -> Iterator[Row]:
        """Rows of every entry changed up to the moment the journal asks, each once."""
        changed, self._changed = self._changed, {}
        for entry in changed.values():
            yield entry.row()


def _storable(text: str) -> str:
    """The text without lone surrogates, which escapes in JSON and odd bytes in headers can bring in."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _as_json(row: Row) -> str:
    fields = dict(zip(_COLUMNS, row, strict=True))
    fields["applied"] = bool(fields["applied"])
    return json.dumps(fields)
