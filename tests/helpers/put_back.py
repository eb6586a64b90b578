"""A practice on the tests' server that is put back as it was, row for row, without a new database.

To make a database takes longer than most cases of a suite of thousands do. Here only the rows change: the tables stay,
and with them the connections and the statements that were prepared on them.
"""

from __future__ import annotations

from typing import Any

from app.storage.postgres.address import SCHEMA
from app.storage.postgres.recipe import LOCK_CLASS

_KEPT = "kept"
_SWEPT_EVERY = 50
"""Rows that were removed lie about until they are swept up; the tests' server does not do that by itself."""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename"
_SEQUENCES = "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = %s ORDER BY 1"
_LET_GO = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class PutBack:
    """`connection` is the administrator's, in the practice's own database; what it holds now is what is put back."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        tables = [f'"{row[0]}"' for row in connection.execute(_TABLES, [SCHEMA])]
        sequences = connection.execute(_SEQUENCES, [SCHEMA]).fetchall()
        connection.execute(f"CREATE SCHEMA {_KEPT}")
        for table in tables:
            connection.execute(f"CREATE TABLE {_KEPT}.{table} AS TABLE {SCHEMA}.{table}")
        # Nothing in the practice's own tables refuses that their rows go, not even the trail's.
        steps = ["BEGIN", "SET LOCAL session_replication_role = replica"]
        steps += [f"DELETE FROM {SCHEMA}.{table}" for table in tables]
        steps += [f"INSERT INTO {SCHEMA}.{table} TABLE {_KEPT}.{table}" for table in tables]
        steps += [
            f"SELECT setval('{SCHEMA}.{name}', {max(last, 1)}, {'true' if last else 'false'})"
            for name, last in sequences
        ]
        self._steps = "; ".join([*steps, "COMMIT"])
        self._times = 0

    def __call__(self) -> None:
        """Put it back. Whoever still holds a lock of it is gone, as with a database that is removed."""
        self._connection.execute(_LET_GO, [LOCK_CLASS])
        self._connection.execute(self._steps)
        self._times += 1
        if self._times % _SWEPT_EVERY == 0:
            self._connection.execute("VACUUM")

    def close(self) -> None:
        """Give the connection back; the database stays."""
        self._connection.close()
