"""`--self-check`: it passes where everything is there, in a checkout and in a wheel, and says what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import certifi
import pytest

from app.bootstrap import self_check
from app.bootstrap.self_check import CheckFailed
from tests.helpers.program import BEFORE_ARGUMENTS
from tests.helpers.simulator import ROOT

TRIALS = (
    "files",
    "time zones",
    "certificates",
    "migrations",
    "server driver",
    "Qt",
    "signals",
    "run",
    "schedule",
    "window",
    "rehearsal",
)


def told_by(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, **environment}
    return subprocess.run(
        [*command, "--self-check"], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )


def test_everything_is_tried_and_works():
    told = told_by(BEFORE_ARGUMENTS)
    assert told.returncode == 0, told.stdout + told.stderr
    lines = told.stdout.splitlines()
    assert [name for name in TRIALS if not any(line.startswith(f"ok     {name}") for line in lines)] == []
    assert "50 patients" in told.stdout
    assert "20,000 signals" in told.stdout
    assert lines[-1].startswith("Everything works")


@pytest.mark.skipif("SCR_BULK_PROGRAM" in os.environ, reason="another program than the checkout's is tried out")
def test_in_a_wheel_a_missing_file_is_told_and_everything_else_still_tried(tmp_path: Path):
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "resources", tmp_path / "app" / "_resources", ignore=shutil.ignore_patterns("docs"))
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from app.__main__ import main; sys.exit(main())"
    told = told_by([sys.executable, "-c", program], PYTHONPATH=str(tmp_path))
    assert told.returncode == 1, told.stdout + told.stderr
    lines = told.stdout.splitlines()
    assert "from a wheel" in lines[0]
    [failed] = [line for line in lines if line.startswith("FAILED")]
    assert failed.startswith("FAILED files")
    assert "There are no docs" in failed
    assert any(line.startswith("ok     window") for line in lines)
    assert lines[-1].startswith("1 of the checks failed")


def test_certificates_that_are_missing_or_too_few_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    whole = Path(certifi.where()).read_text(encoding="utf-8")
    one = tmp_path / "one.pem"
    one.write_text(whole[: whole.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n", encoding="utf-8")
    for place, said in ((tmp_path / "none.pem", "cannot be read"), (one, "Only 1 certificate")):
        monkeypatch.setattr(certifi, "where", lambda place=place: str(place))
        with pytest.raises(CheckFailed, match=said):
            self_check.certificates()


def test_time_zones_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(self_check, "_TZDATA", "tzdata.zoneinfo.Atlantis")
    with pytest.raises(CheckFailed, match="missing"):
        self_check.time_zones()


def test_an_old_sqlite_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(self_check.sqlite, "sqlite_version", "3.40.1")
    with pytest.raises(CheckFailed, match=r"3\.40\.1 is too old"):
        self_check.migrations(tmp_path)
