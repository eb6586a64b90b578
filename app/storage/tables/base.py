"""What every table rests on: the one `metadata`, how what is in it is named, and the conditions of partial indexes.

No table is defined here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Index, MetaData, Table, literal_column

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def only_where(condition: ColumnElement[bool]) -> dict[str, Any]:
    """The condition of a partial index, for every database it is made on."""
    return {"sqlite_where": condition, "postgresql_where": condition}


def one_at_most(name: str, table: Table, condition: ColumnElement[bool]) -> None:
    """Have the database refuse a second row of which the condition holds: every such row has the same key."""
    Index(name, literal_column("(1)"), unique=True, _table=table, **only_where(condition))
