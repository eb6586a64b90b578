"""Bytes of a practice database damaged at random: refused in words, or worked with; never a traceback, never a guess.

Faults, row 27 and section 4, "Disk". The database is one of a run that was stopped half-way, with every table filled.
The command's own code runs here in the test's process, so that a thousand of them take minutes and not hours.
"""

from __future__ import annotations

import io
import logging
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite

from app.__main__ import main
from tests.helpers.crowd import SPINE_FILE, import_crowd, write_crowd
from tests.helpers.program import Finished, Program, ended, started, wait_until
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.helpers.soak import dice, size

pytestmark = pytest.mark.sqlite_only
"""Bytes of the file; the pages of a server are its own affair."""

PATIENTS = 100
FILES = 50
BYTES = (1, 4, 40, 400)


@pytest.fixture(scope="module")
def half_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, SimulatorProcess]]:
    """A run stopped in its middle, and the Spine it was made against."""
    folder = tmp_path_factory.mktemp("half-way")
    write_crowd(folder / "lists", PATIENTS)
    program = Program(folder / "practice")
    import_crowd(program, folder / "lists")
    with running_simulator("--rate", "0", load=folder / "lists" / SPINE_FILE) as spine:
        program.spine = spine
        run = started(program, "run", {"SCR_BULK_REQUESTS_PER_SECOND": "60"})
        wait_until(lambda: len(spine.history()) > 60, run)
        run.terminate()
        assert ended(run).code == 3
        yield program, spine


def here(program: Program, *arguments: str) -> Finished:
    """Carry out a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*arguments, "--data-dir", str(program.folder)])
    return Finished(code, out.getvalue(), err.getvalue())


@pytest.fixture
def no_log_is_left() -> Iterator[None]:
    """The program's logging goes with the test."""
    root = logging.getLogger()
    before, raises = list(root.handlers), logging.raiseExceptions
    yield
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    logging.raiseExceptions = raises


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A few bytes anywhere, or a stretch of them, or a sector of zeros: as disks and their cables do."""
    changed, kind = bytearray(content), chance.randrange(4)
    if kind == 0:
        start = chance.randrange(len(changed) // 512) * 512
        changed[start : start + 512] = bytes(512)
    elif kind == 1:
        start, length = chance.randrange(len(changed)), chance.choice(BYTES)
        changed[start : start + length] = chance.randbytes(len(changed[start : start + length]))
    else:
        for _ in range(chance.choice(BYTES)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def nobody_was_passed_over(database: Path) -> bool:
    """Whether every patient of the cohort has an end, by the rows themselves and not by an index of them."""
    query = "SELECT count(*), sum(state IN ('unprocessed', 'sending')) FROM item NOT INDEXED"
    with closing(sqlite.connect(str(database))) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return whole and connection.execute(query).fetchone() == (PATIENTS * 96 // 100, 0)


@pytest.mark.fault_row(27)
@pytest.mark.parametrize("lot", range(size(1, 20)))
def test_damage_is_told_in_words_and_never_guessed_over(
    tmp_path: Path, half_way: tuple[Program, SimulatorProcess], no_log_is_left: None, lot: int, monkeypatch
):
    original, spine = half_way
    for name, value in {"SETTLE_SECONDS": "0", "REQUESTS_PER_SECOND": "0", "RETRY_DELAYS_SECONDS": "0"}.items():
        monkeypatch.setenv(f"SCR_BULK_{name}", value)
    chance, ends = dice("damage"), Counter[str]()
    content = (original.folder / "practice.db").read_bytes()
    program = Program(tmp_path / "practice", spine)
    for _ in range(FILES):
        shutil.copytree(original.folder, program.folder)
        (program.folder / "practice.db").write_bytes(damaged(content, chance))
        before = len(spine.writes())
        done = here(program, *program.pressing("resume"))
        assert done.code in {0, 3, 4}, done.err
        assert "Traceback" not in done.err
        assert done.err.strip().endswith((".", "0", *"123456789")), done.err
        if done.code == 4:
            assert len(spine.writes()) == before, "nothing is sent on a database that was refused"
        if done.code == 0:
            assert nobody_was_passed_over(program.folder / "practice.db")
        ends[{0: "completed", 3: "paused", 4: "refused"}[done.code]] += 1
        shutil.rmtree(program.folder)
    sys.stdout.write(f"{dict(ends)}\n")
    assert ends["refused"] > FILES // 5
