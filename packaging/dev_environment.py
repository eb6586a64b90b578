"""The checkout's own virtual environment, with the packages of lock.txt and the project itself in it.

It is only touched when it has to be: a stamp in it says what it was made from. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import dev_system
from dev_system import SetupError, say

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "packaging" / "lock.txt"
PROJECT = ROOT / "pyproject.toml"
VENV = ROOT / ".venv"
STAMP = VENV / "scr-bulk-stamp.json"
BUILD_LOCK = ROOT / "packaging" / "lock-build.txt"
BUILD_VENV = ROOT / "build" / "venv"
OLDEST_PYTHON = (3, 11)


def ensure(libraries: Mapping[str, tuple[str, ...]] | None = None) -> Path:
    """Make or mend the virtual environment and what it needs of the system; returns its Python.

    Args:
        libraries: the shared libraries the verb needs, with the packages that bring them.

    Raises:
        SetupError: a piece of the system is missing, or a package could not be installed.
    """
    python = venv_python()
    version = interpreter_version(python)
    rebuild = must_be_rebuilt(read_stamp(), version, ROOT)
    dev_system.ensure(libraries or {}, venv_module=rebuild)
    if rebuild:
        say(f"Making the virtual environment {VENV.name} with Python {sys.version.split()[0]}.")
        call([sys.executable, "-m", "venv", "--clear", str(VENV)], "The virtual environment could not be made.")
        version = interpreter_version(python)
    wanted = stamp(LOCK.read_bytes(), PROJECT.read_bytes(), version or "", ROOT)
    if read_stamp() != wanted:
        STAMP.unlink(missing_ok=True)
        install_packages(python)
        STAMP.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
    return python


def ensure_build() -> Path:
    """Make, where anything has changed, the environment that the program is frozen in; returns its Python.

    It holds what the program needs and what freezes it, and nothing of the tests. Raises `SetupError`.
    """
    dev_system.ensure(dev_system.OFFSCREEN, venv_module=True)
    dev_system.ensure_freezing()
    python, kept = venv_python(BUILD_VENV), BUILD_VENV / STAMP.name
    wanted = stamp(BUILD_LOCK.read_bytes(), PROJECT.read_bytes(), sys.version.split()[0], ROOT)
    if read_stamp(kept) != wanted:
        say("Making the environment of the build, which can take some minutes.")
        call([sys.executable, "-m", "venv", "--clear", str(BUILD_VENV)], "The virtual environment could not be made.")
        install_packages(python, BUILD_LOCK)
        kept.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
    return python


def venv_python(venv: Path = VENV) -> Path:
    """Where a virtual environment keeps its Python."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def interpreter_version(python: Path) -> str | None:
    """The version of an interpreter, as 3.11.7; None when it is missing or does not start."""
    try:
        answer = subprocess.run(
            [str(python), "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def stamp(lock: bytes, project: bytes, python: str, root: Path) -> dict[str, str]:
    """What the environment was made from: when any of it changes, the packages are installed anew."""
    return {"packages": hashlib.sha256(lock + project).hexdigest(), "python": python, "checkout": str(root)}


def read_stamp(kept: Path | None = None) -> dict[str, str] | None:
    """The stamp of the last finished installation; None when there is none that can be read."""
    try:
        recorded = json.loads((kept or STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return recorded if isinstance(recorded, dict) else None


def must_be_rebuilt(recorded: Mapping[str, str] | None, version: str | None, root: Path) -> bool:
    """Whether the environment is unusable, or holds paths or packages of another checkout or Python.

    Args:
        recorded: the stamp found in it, if any.
        version: the version its Python tells, None when it does not start.
        root: the checkout it has to serve.
    """
    if version is None or tuple(int(part) for part in version.split(".")[:2]) < OLDEST_PYTHON:
        return True
    return recorded is not None and (recorded.get("python"), recorded.get("checkout")) != (version, str(root))


def install_packages(python: Path, lock: Path = LOCK) -> None:
    """Install the locked packages and the project from the checkout, with the user's own pip settings."""
    say(f"Installing the packages of packaging/{lock.name}, which can take some minutes.")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--no-deps"]
    call([*pip, "--require-hashes", "-r", str(lock)], "The packages could not be installed.")
    call([*pip, "--no-build-isolation", "--editable", str(ROOT)], "The project could not be installed.")


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for pip: the user's, and the certificates Python was told of, which older pips do not read."""
    settings = dict(environ)
    if "SSL_CERT_FILE" in settings:
        settings.setdefault("PIP_CERT", settings["SSL_CERT_FILE"])
    return settings


def call(command: Sequence[str], failure: str) -> None:
    """Run a command that must succeed.

    Raises:
        SetupError: it failed; its own words stand above.
    """
    if subprocess.call(list(command), cwd=ROOT, env=pip_settings(os.environ), stdin=subprocess.DEVNULL) != 0:
        raise SetupError(f"{failure} The reason stands above.")
