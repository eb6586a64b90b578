"""Which schema the program works with, and how a database is brought to it. The history itself is in `migrations`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema number, and the folder of revisions that lead up to it."""

    number: int
    scripts: Path

    def bring_up(self, connection: Connection) -> None:
        """Run what is missing, all within the transaction that is open on this connection."""
        # Loaded here because it takes longer than opening the database, and hardly any start needs it.
        from alembic import command
        from alembic.config import Config

        config = Config()
        # Alembic reads a per cent sign in its options as the start of a reference.
        config.set_main_option("script_location", str(self.scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, f"{self.number:04}")


CURRENT = Schema(6, Path(__file__).with_name("migrations"))
"""What this program reads and writes."""
