"""Building what a practice can be given: the frozen program, its notices, the packages of this system.

Everything is made below `build/`; what is to be handed out is in `build/out`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import dev_linux
import dev_product
import dev_windows
from dev_environment import ROOT
from dev_system import SetupError, say

BUILD = ROOT / "build"
FROZEN = BUILD / "frozen" / "scr-bulk"
ICONS = BUILD / "icons"
MANUAL = BUILD / "scr-bulk.1"
VERSION_RESOURCE = BUILD / "version-resource.txt"
CONTENTS = BUILD / "contents.json"
OUT = BUILD / "out"
SPEC = ROOT / "packaging" / "scr-bulk.spec"


def build(python: Path) -> list[Path]:
    """Make everything that can be made on this system; returns the files to hand out. Raises `SetupError`."""
    moment = dev_product.build_time()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    _timed("Icons, manual page and version", lambda: prepare(python))
    _timed("The frozen program", lambda: freeze(python, moment))
    _timed("Notices and bill of materials", lambda: note_supply(python, moment))
    check_frozen(FROZEN)
    made: list[Path] = []
    _timed("Packages", lambda: made.extend(pack(moment)))
    write_checksums(made)
    say(f"\nThe program as frozen: {megabytes(size_of(FROZEN))}.")
    for file in made:
        say(f"{file.relative_to(ROOT)}: {megabytes(file.stat().st_size)}")
    return made


def prepare(python: Path) -> None:
    """Make what goes into the packages and is no part of the source."""
    version, day = dev_product.product().version, dev_product.releases()[0].day
    unseen = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run([python, ROOT / "packaging" / "make_icons.py", ICONS], unseen, "The icons could not be drawn.")
    page = [python, ROOT / "packaging" / "make_man.py", version, day, MANUAL]
    run(page, dict(os.environ), "The manual page could not be written.")
    VERSION_RESOURCE.write_text(dev_windows.version_resource(), encoding="utf-8")


def freeze(python: Path, moment: int) -> None:
    """Have PyInstaller freeze the program."""
    places = ["--distpath", FROZEN.parent, "--workpath", BUILD / "work"]
    command = [python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR", *places, SPEC]
    settings = {
        # The same input gives the same output.
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(moment),
        "SCR_BULK_BUILD_ICON": str(ICONS / "scr-bulk.ico"),
        "SCR_BULK_BUILD_VERSION_RESOURCE": str(VERSION_RESOURCE),
        "SCR_BULK_BUILD_CONTENTS": str(CONTENTS),
    }
    run(command, {**os.environ, **settings}, "The program could not be frozen.")


def note_supply(python: Path, moment: int) -> None:
    """Write beside the program what is in it, and under which licences."""
    command = [python, ROOT / "packaging" / "make_supply.py", CONTENTS, FROZEN, moment]
    run(command, dict(os.environ), "The third-party notices could not be written.")


def check_frozen(frozen: Path) -> None:
    """Have the frozen program check itself, with nothing of this developer's environment. Raises `SetupError`."""
    began = time.monotonic()
    program = frozen / ("scr-bulk.exe" if sys.platform == "win32" else "scr-bulk")
    version = subprocess.run([program, "--version"], env=bare(), capture_output=True, text=True, check=False)
    say(f"\n{version.stdout.strip()} answers after {time.monotonic() - began:.2f} s; its self-check:")
    run([program, "--self-check"], bare(), "The frozen program does not pass its own check.")


def bare() -> dict[str, str]:
    """An environment without Python, without settings, and without a display."""
    kept = ("SYSTEMROOT", "TEMP", "TMP", "USERPROFILE", "LOCALAPPDATA")
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(home), "PATH": os.defpath, **{key: os.environ[key] for key in kept if key in os.environ}}


def pack(moment: int) -> list[Path]:
    """The packages of this system."""
    if sys.platform == "win32":
        installer = dev_windows.make_installer(FROZEN, ICONS / "scr-bulk.ico", OUT)
        return [] if installer is None else [installer]
    if not sys.platform.startswith("linux"):
        say("There is no package for this system yet: the frozen program is the whole of it.")
        return []
    archive = OUT / f"{dev_linux.archive_name()}.tar.xz"
    archive.write_bytes(dev_linux.archive(FROZEN, ICONS, MANUAL, moment))
    package = OUT / dev_linux.debian_name()
    package.write_bytes(dev_linux.debian_package(FROZEN, ICONS, MANUAL, moment))
    return [archive, package]


def write_checksums(files: Sequence[Path]) -> None:
    """Write SHA256SUMS beside the files, as sha256sum reads it."""
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(files)]
    (OUT / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def run(command: Sequence[object], environment: dict[str, str], failure: str) -> None:
    """Run a step that must succeed. Raises `SetupError`; its own words stand above."""
    words = [str(word) for word in command]
    if subprocess.call(words, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL) != 0:
        raise SetupError(f"{failure} The reason stands above.")


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1_000_000:.1f} MB"


def _timed(name: str, work: Callable[[], None]) -> None:
    began = time.monotonic()
    say(f"\n=== {name}")
    work()
    say(f"{name}: {time.monotonic() - began:.1f} s")
