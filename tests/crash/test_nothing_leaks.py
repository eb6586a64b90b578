"""Names and NHS numbers stand in the practice's database and in the files that staff ask for, and nowhere else.

A practice whose patients have names and numbers that can be found again goes through an evening with everything that
could make the program talkative: bad lists, faults of the Spine and of its own, a kill, a damaged file. Then every
other byte it has left is searched (faults, section 4, "Leak scan").
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.logs import LOG_FILE
from tests.helpers import databases
from tests.helpers.crowd import CONSENT_FILE, PATIENTS_FILE, SPINE_FILE, write_crowd
from tests.helpers.hindered import NAMES_SOMEBODY, faulty_at_the_end, faulty_for_every, hindered
from tests.helpers.practice import damage_page_of
from tests.helpers.program import Finished, Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator

PATIENTS = 150
NAME = "Zyxmarker"
LEAK = re.compile(rb"zyxmarker|(?<!\d)999[ \-%+]?\d{3}[ \-%+]?\d{4}(?!\d)", re.IGNORECASE)
ALLOWED = re.compile(r"practice(-[\w-]+)?\.db(-wal)?$|spine\.csv$")
"""The database, its copies, and what the simulated Spine is told."""

QUICK = {"SCR_BULK_SETTLE_SECONDS": "1", "SCR_BULK_RETRY_DELAYS_SECONDS": "0.1,0.2"}
FAULTS = [
    {"operation": "read", "every": 9, "action": {"status": 500}},
    {"operation": "read", "every": 11, "action": {"status": 200, "body": "<html>9990000018</html>"}},
    {"operation": "read", "every": 13, "action": {"truncated": True}},
    {"operation": "write", "every": 7, "action": {"reset_after": True}},
    {"operation": "write", "every": 9, "action": {"status": 400, "body": {"text": f"{NAME} 9990000018 is unknown"}}},
]


@dataclass
class Evening:
    """What the program did, and everything that it printed but for the lists that were asked for."""

    program: Program
    spine: SimulatorProcess
    environment: dict[str, str]
    printed: list[str] = field(default_factory=list)

    def __call__(self, code: int, *arguments: str | Path) -> Finished:
        return self.note(code, self.program(*arguments, environment=self.environment))

    def press(self, code: int, action: str, hindrances: dict[str, object] | None = None) -> Finished:
        command = hindered(self.program, hindrances or {}, *self.program.pressing(action))
        return self.note(code, ended(started(self.program, action, self.environment, command)))

    def note(self, code: int, done: Finished) -> Finished:
        assert done.code == code, done.err
        self.printed += [done.out, done.err]
        return done

    def killed_in_its_middle(self) -> None:
        run = started(self.program, "rerun", {**self.environment, "SCR_BULK_REQUESTS_PER_SECOND": "50"})
        before = len(self.spine.writes())
        wait_until(lambda: len(self.spine.writes()) > before + 3 or len(self.spine.history()) > 600, run)
        run.kill()
        done = ended(run)
        self.printed += [done.out, done.err]


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    write_crowd(tmp_path / "lists", PATIENTS, name=NAME)
    folders = {name: tmp_path / name.lower() for name in ("TMPDIR", "SQLITE_TMPDIR", "XDG_STATE_HOME", "HOME")}
    for folder in folders.values():
        folder.mkdir()
    environment = {**QUICK, **{name: str(folder) for name, folder in folders.items()}}
    with running_simulator("--rate", "0", load=tmp_path / "lists" / SPINE_FILE) as spine:
        yield Evening(Program(tmp_path / "practice", spine), spine, environment)


def lists(folder: Path) -> tuple[str | Path, ...]:
    return ("--patients", folder / PATIENTS_FILE, "--consent", folder / CONSENT_FILE)


def bad_copy(folder: Path, to: Path) -> Path:
    """The same lists with lines that cannot be read, among them the name of somebody in every column."""
    shutil.copytree(folder, to)
    patients = to / PATIENTS_FILE
    lines = patients.read_text(encoding="utf-8").splitlines()
    columns = lines[0].count(",") + 1
    lines += [",".join(f"{NAME}{place}" if at == place else "" for at in range(columns)) for place in range(columns)]
    lines += [lines[1], lines[2].replace("9990000026", "99900000"), f'"{NAME}']
    patients.write_text("\n".join(lines), encoding="utf-8")
    return to


def test_nothing_of_a_patient_is_found_outside_the_database_and_the_lists(evening: Evening, tmp_path: Path):
    found = lists(tmp_path / "lists")
    evening(2, "practice", "import", *lists(bad_copy(tmp_path / "lists", tmp_path / "bad")))
    evening(0, "practice", "import", *found)
    on_server = databases.under_test is databases.Kind.POSTGRESQL
    if on_server:
        databases.share(evening.program.folder)
    evening.spine.put_faults(*FAULTS)
    evening.press(0, "run", {faulty_for_every.__name__: 12})
    evening.spine.clear_faults()
    evening(0, "practice", "export", "--out", tmp_path / "authorised")
    evening(0, "practice", "import", *found, "--update")
    evening.killed_in_its_middle()
    evening(0, "status")
    evening(0, "status", "--json")
    evening.press(1, "resume", {faulty_at_the_end.__name__: None})
    evening.press(0, "failed")
    copy = Path(evening(0, "backup").out.strip())
    evening(0, "audit", "verify")
    evening.press(4, "resume")
    if on_server:
        evening(4, "restore", copy)
    else:
        damage_page_of(evening.program.folder / "practice.db", "patient")
        evening.press(4, "rerun")
        evening(0, "restore", copy)
    evening.press(0, "rerun")

    log = (evening.program.folder / LOG_FILE).read_text(encoding="utf-8")
    assert log.count("ZeroDivisionError") > 5, "the faults were met, and written down by their class"
    leaks = [f"{place}: {found}" for place, content in left_behind(evening, tmp_path) for found in leaks_in(content)]
    assert leaks == []


def left_behind(evening: Evening, tmp_path: Path) -> Iterator[tuple[str, bytes]]:
    """Everything but what may name patients."""
    yield "printed", "\n".join(evening.printed).encode()
    yield "the Spine's own words", evening.spine.errors().encode()
    own = [evening.program.folder, *(Path(folder) for name, folder in evening.environment.items() if os.sep in folder)]
    for path in [path for folder in own for path in folder.rglob("*") if path.is_file()]:
        if not ALLOWED.search(path.name):
            yield str(path.relative_to(tmp_path)), path.read_bytes()


def leaks_in(content: bytes) -> list[str]:
    return [
        content[max(0, hit.start() - 60) : hit.end() + 20].decode(errors="replace") for hit in LEAK.finditer(content)
    ]


def test_the_search_finds_what_it_looks_for(tmp_path: Path):
    for text in (NAMES_SOMEBODY, "999-000-0018", "999%20000%200018", "ZYXMARKERINA"):
        assert leaks_in(text.replace("%20", "+").encode())
    assert not leaks_in(b"19990000018 request 7b1e9990-0000-4000-8000-000018999000")
    write_crowd(tmp_path, 20, name=NAME)
    assert len(leaks_in((tmp_path / PATIENTS_FILE).read_bytes())) >= 40
