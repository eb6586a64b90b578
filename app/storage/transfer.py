"""Every row of a practice from one database into another, whatever keeps either, and whether all of it arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sqlalchemy import Connection, Integer, Table, func, insert, select

from app.domain.errors import StorageFault
from app.engine.long_work import Progress
from app.storage import schema
from app.storage.backend import Backend
from app.storage.columns import AnyRow
from app.storage.tables import metadata

_PAGE = 2000


def fill_from(source: Connection, target: Connection, backend: Backend, progress: Progress) -> None:
    """Make the tables and copy every row, within the transactions open on both; `backend` is the target's.

    Raises `StorageFault` where what arrived is not what was sent, and `Cancelled`.
    """
    schema.CURRENT.bring_up(target)
    backend.mark(target, schema.CURRENT.number)
    for table in metadata.sorted_tables:
        sent = _copy(source, target, table, progress)
        if sent != _fingerprint(_rows(target, table, progress)):
            raise StorageFault(f"The copy of the practice is not the same as the original (table {table.name}).")
        _continue_numbers(target, table)


def _copy(source: Connection, target: Connection, table: Table, progress: Progress) -> tuple[int, str]:
    def passing() -> Iterator[AnyRow]:
        page: list[AnyRow] = []
        for row in _rows(source, table, progress):
            page.append(row)
            if len(page) == _PAGE:
                target.execute(insert(table), [dict(row._mapping) for row in page])
                page.clear()
            yield row
        if page:
            target.execute(insert(table), [dict(row._mapping) for row in page])

    return _fingerprint(passing())


def _rows(connection: Connection, table: Table, progress: Progress) -> Iterator[AnyRow]:
    """The rows in the order of their key, some thousand in memory."""
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": _PAGE}) as rows:
        for number, row in enumerate(rows):
            if number % _PAGE == 0:
                progress(f"Copying the practice: {table.name.replace('_', ' ')}", number)
            yield row


def _fingerprint(rows: Iterator[AnyRow]) -> tuple[int, str]:
    """How many rows, and a hash over everything in them."""
    count, seal = 0, hashlib.sha256()
    for row in rows:
        count += 1
        seal.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
    return count, seal.hexdigest()


def _continue_numbers(target: Connection, table: Table) -> None:
    """Have new rows numbered after the copied ones: PostgreSQL counts apart from the rows."""
    key = table.autoincrement_column
    if target.dialect.name != "postgresql" or key is None or not isinstance(key.type, Integer):
        return
    last = target.execute(select(func.max(key))).scalar_one()
    sequence = func.pg_get_serial_sequence(table.name, key.name)
    if last is not None:
        target.execute(select(func.setval(sequence, last)).where(sequence.is_not(None)))
