"""The address of a practice database on a server, as the setting DATABASE_URL has it. Knows no driver.

A server on another computer is reached over TLS with its name checked, or not at all: patients' names travel there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.domain.errors import BadInput

SCHEMA = "scr_bulk"
"""The schema of the database that holds the practice: a database may hold other programs' tables beside it."""
SCHEMA_IN_THE_MAKING = "scr_bulk_in_the_making"
"""Where a practice lies until it is whole: brought in, or copied from a file."""

_DRIVERS = {"postgresql", "postgres", "postgresql+psycopg"}
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_SAFE = "verify-full"
_OPTIONS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile", "host"})
_FORM = "The setting DATABASE_URL cannot be used. It takes postgresql://user@server/database."


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A database on a server. `folder` is this workstation's own, for backups and what is in the making.

    `parameters` are the driver's, a password may be among them: they are never shown.
    """

    label: str
    folder: Path
    parameters: tuple[tuple[str, str], ...] = field(repr=False)
    schema: str = SCHEMA

    @classmethod
    def parse(cls, text: str, folder: Path, ca_bundle: str = "") -> Self:
        """The address in this text. Raises `BadInput`, which never repeats the text: it may hold a password."""
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            raise BadInput(_FORM) from None
        options = {name: value for name, value in url.query.items() if isinstance(value, str)}
        if url.drivername not in _DRIVERS or not url.database or len(options) != len(url.query):
            raise BadInput(_FORM)
        if unknown := sorted(set(options) - _OPTIONS):
            raise BadInput(f"The setting DATABASE_URL knows no option {', '.join(unknown)}.")
        host = options.pop("host", None) or url.host or ""
        if not host or "," in host:
            raise BadInput(f"{_FORM} It names one server, or with ?host= the folder of a local server's socket.")
        options = _safe(host, options, ca_bundle)
        given = {"host": host, "port": str(url.port or 5432), "dbname": url.database}
        secret = {"user": url.username, "password": url.password}
        parameters = given | {name: value for name, value in secret.items() if value} | options
        where = "this computer" if _is_local(host) else f"the server {host}"
        return cls(f"the database {url.database} on {where}", folder, tuple(sorted(parameters.items())))

    @property
    def in_the_making(self) -> Self:
        """The same place for a practice that is not whole yet."""
        return type(self)(self.label, self.folder, self.parameters, SCHEMA_IN_THE_MAKING)


def _is_local(host: str) -> bool:
    return host.startswith("/") or host.lower() in _LOCAL


def _safe(host: str, options: dict[str, str], ca_bundle: str) -> dict[str, str]:
    """The TLS options for this host. Raises `BadInput` where they would let somebody in between read along."""
    if _is_local(host):
        return options
    if options.setdefault("sslmode", _SAFE) != _SAFE:
        raise BadInput(
            "The setting DATABASE_URL names a server on another computer, so its sslmode can only be verify-full: "
            "the connection is encrypted and the server's certificate is checked against its name."
        )
    options.setdefault("sslrootcert", ca_bundle or "system")
    return options
