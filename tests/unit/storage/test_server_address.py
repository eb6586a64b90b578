"""The address of a shared database: what may stand in it, what is kept from view, and that it is reached safely."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.errors import BadInput
from app.storage.postgres.address import ServerAddress

FOLDER = Path("folder")


def parameters(text: str, **more: str) -> dict[str, str]:
    return dict(ServerAddress.parse(text, FOLDER, **more).parameters)


@pytest.mark.parametrize(
    "text",
    ["postgresql://scr@localhost/practice", "postgres://scr@127.0.0.1/practice", "postgresql+psycopg://[::1]/practice"],
)
def test_a_server_on_this_computer_needs_no_certificate(text):
    assert "sslmode" not in parameters(text)
    assert ServerAddress.parse(text, FOLDER).label == "the database practice on this computer"


def test_a_socket_is_on_this_computer():
    assert parameters("postgresql:///practice?host=/run/postgresql")["host"] == "/run/postgresql"


def test_another_computer_is_reached_with_its_certificate_checked():
    found = parameters("postgresql://scr:secret@db.practice.example:5433/practice")
    assert (found["sslmode"], found["sslrootcert"], found["port"]) == ("verify-full", "system", "5433")
    assert parameters("postgresql://scr@db.example/p", ca_bundle="/etc/ca.pem")["sslrootcert"] == "/etc/ca.pem"
    assert parameters("postgresql://scr@db.example/p?sslrootcert=/own.pem")["sslrootcert"] == "/own.pem"


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_a_line_that_could_be_listened_to_is_refused(mode):
    with pytest.raises(BadInput, match="verify-full"):
        parameters(f"postgresql://scr@db.example/practice?sslmode={mode}")


@pytest.mark.parametrize(
    "text",
    [
        "practice.db",
        "sqlite:///practice.db",
        "mysql://scr:secret@db.example/practice",
        "postgresql://scr:secret@db.example",
        "postgresql:///practice",
        "postgresql://scr:secret@db1.example,db2.example/practice",
        "postgresql://scr:secret@db.example/practice?host=a,b",
        "postgresql://scr:secret@db.example/practice?options=-c%20synchronous_commit%3Doff",
        "postgresql://scr:secret@db.example/practice?hostaddr=10.0.0.1",
        "postgresql://scr:secret@db.example:port/practice",
        "postgresql://scr:secret@db.example/practice?sslmode=verify-full&sslmode=disable",
    ],
)
def test_what_cannot_be_used_is_said_without_the_password(text):
    with pytest.raises(BadInput) as told:
        ServerAddress.parse(text, FOLDER)
    assert "secret" not in str(told.value)
    assert told.value.__cause__ is None


def test_the_password_is_seen_nowhere():
    address = ServerAddress.parse("postgresql://scr:secret@db.example/practice", FOLDER)
    assert dict(address.parameters)["password"] == "secret"
    assert "secret" not in f"{address} {address!r} {address.label} {address.in_the_making}"


def test_a_practice_in_a_file_does_not_load_the_driver_of_a_server():
    code = "import sys, app.bootstrap, app.cli.run_commands; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0
