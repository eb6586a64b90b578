"""What somebody does to an audit trail who opens the file with another program."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from app.storage.database import PracticeDatabase


def without_triggers(database: PracticeDatabase, doing: Callable[[Connection], object]) -> None:
    """Change the trail with nothing in the way."""
    with database.writing() as connection:
        on_table = " ON audit_event" if connection.dialect.name == "postgresql" else ""
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_event_no_{verb}{on_table}")
        doing(connection)
