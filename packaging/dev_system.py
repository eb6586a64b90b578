"""What the operating system has to bring: shared libraries for Qt, the venv module, tools for tests.

Only Debian and its relatives are installed to, through apt-get, and only where that is permitted without asking
(as root, or with a sudo that wants no password). Elsewhere the exact command to type is told. Standard library only.
"""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

# Shared library -> the packages that bring it, newest name first. Qt wants these even where nothing is shown.
OFFSCREEN: dict[str, tuple[str, ...]] = {
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libEGL.so.1": ("libegl1",),
    "libGL.so.1": ("libgl1",),
    "libX11.so.6": ("libx11-6",),
    "libdbus-1.so.3": ("libdbus-1-3",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libfreetype.so.6": ("libfreetype6",),
    "libxkbcommon.so.0": ("libxkbcommon0",),
}
X11: dict[str, tuple[str, ...]] = {
    "libX11-xcb.so.1": ("libx11-xcb1",),
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-image.so.0": ("libxcb-image0",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-randr.so.0": ("libxcb-randr0",),
    "libxcb-render-util.so.0": ("libxcb-render-util0",),
    "libxcb-render.so.0": ("libxcb-render0",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
    "libxcb-shm.so.0": ("libxcb-shm0",),
    "libxcb-sync.so.1": ("libxcb-sync1",),
    "libxcb-util.so.1": ("libxcb-util1",),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0",),
    "libxcb-xkb.so.1": ("libxcb-xkb1",),
    "libxcb.so.1": ("libxcb1",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
}
WAYLAND: dict[str, tuple[str, ...]] = {
    "libwayland-client.so.0": ("libwayland-client0",),
    "libwayland-cursor.so.0": ("libwayland-cursor0",),
    "libwayland-egl.so.1": ("libwayland-egl1",),
}

PASSED_TO_ROOT = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE")


class SetupError(Exception):
    """The machine could not be made ready; the message says why, in words for the developer."""

    exit_code = 1


class Refused(SetupError):
    """Something is missing that may not be installed from here; the message says what to type."""

    exit_code = 2


TEST_TOOLS: dict[str, tuple[str, ...]] = {
    "appstreamcli": ("appstream",),
    "desktop-file-validate": ("desktop-file-utils",),
    "mandoc": ("mandoc",),
    "dbus-daemon": ("dbus-daemon", "dbus"),
    "openssl": ("openssl",),
    "strace": ("strace",),
}
"""Command that tests start -> the packages that bring it, newest name first."""


def missing_libraries(wanted: Iterable[str], load: Callable[[str], object] = ctypes.CDLL) -> list[str]:
    """Those of the wanted shared libraries that really cannot be loaded (what dpkg believes is not asked)."""
    missing = []
    for name in wanted:
        try:
            load(name)
        except OSError:
            missing.append(name)
    return missing


def display_libraries(environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The libraries a visible window needs in this Linux session."""
    wanted = dict(OFFSCREEN)
    if environ.get("WAYLAND_DISPLAY"):
        wanted.update(WAYLAND)
    if environ.get("DISPLAY"):
        wanted.update(X11)
    return wanted


def ensure(libraries: Mapping[str, tuple[str, ...]], *, venv_module: bool) -> None:
    """Install what is missing of these libraries and, when asked for, Python's venv module: all in one go.

    Raises:
        Refused: something is missing and may not, or could not, be installed.
    """
    missing = missing_libraries(libraries) if sys.platform.startswith("linux") else []
    needs = [libraries[name] for name in missing]
    lacking = ["the shared libraries " + ", ".join(missing)] if missing else []
    if venv_module and not has_venv_module():
        needs.append((f"python{sys.version_info.major}.{sys.version_info.minor}-venv", "python3-venv"))
        lacking.append("Python's venv module")
    if not needs:
        return
    install(f"Missing: {'; '.join(lacking)}.", needs)
    if missing_libraries(missing) or (venv_module and not has_venv_module()):
        raise Refused(f"Still missing: {'; '.join(lacking)}.\nIs this Python the system's own?")


def ensure_freezing() -> None:
    """Install what PyInstaller takes from the system. Raises `Refused` where that may not be done."""
    if not sys.platform.startswith("linux"):
        return
    needs = {} if shutil.which("objdump") else {"objdump": ("binutils",)}
    shared = str(sysconfig.get_config_var("INSTSONAME"))
    if not (Path(str(sysconfig.get_config_var("LIBDIR"))) / shared).exists() and missing_libraries([shared]):
        # Debian packs it apart from the interpreter, which does without.
        needs[shared] = (f"libpython{sys.version_info.major}.{sys.version_info.minor}",)
    if needs:
        install(f"Missing for freezing: {', '.join(needs)}.", list(needs.values()))


def has_venv_module() -> bool:
    """Whether the running Python can make a virtual environment (Debian packs that apart)."""
    return subprocess.call([sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) == 0


def offer_test_tools() -> None:
    """Install what some tests need, where that is easy: they step aside without it."""
    lacking = [tool for tool in TEST_TOOLS if shutil.which(tool) is None]
    if not sys.platform.startswith("linux") or not lacking:
        return
    try:
        install(f"Some tests use {' and '.join(lacking)}.", [TEST_TOOLS[tool] for tool in lacking])
    except Refused:
        say(f"{' and '.join(lacking)} cannot be installed from here: the tests that need it are skipped.")


def install(reason: str, needs: Sequence[tuple[str, ...]]) -> None:
    """Install one package for each need; a need is the names its package has had, newest first.

    Raises:
        Refused: not permitted, or apt-get failed; says the command to type.
    """
    if shutil.which("apt-get") is None:
        raise Refused(f"{reason} Install the packages of this system that bring it, then run this command again.")
    prefix = root_prefix()
    if prefix is not None:
        say(f"{reason} Installing with apt-get, which can take a minute.")
        refresh_lists(*prefix)
        if run_as_root(prefix, ["apt-get", "install", "-qq", "-y", *packages(needs)]) == 0:
            return
    raise Refused(f"{reason} Type\n\n    {typed_command(packages(needs))}\n\nthen run this command again.")


@functools.cache
def refresh_lists(*prefix: str) -> None:
    """Fetch apt's package lists once. Old lists are better than none: apt-get tells a failure, and we go on."""
    run_as_root(prefix, ["apt-get", "update", "-qq"])


def packages(needs: Sequence[tuple[str, ...]]) -> list[str]:
    """What to hand to apt-get install so that the needs are met on this release."""
    return ["--no-install-recommends", *sorted({known_name(need) for need in needs})]


def known_name(names: Sequence[str], shown: Callable[[str], bool] | None = None) -> str:
    """The first of the names this release has a package of; the oldest where none can be looked up."""
    shown = shown or apt_shows
    return next((name for name in names if shown(name)), names[-1])


def apt_shows(package: str) -> bool:
    """Whether apt's lists hold a real package (not only a virtual one) of this name."""
    answer = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return answer.returncode == 0 and bool(answer.stdout.strip())


def typed_command(wanted: Sequence[str]) -> str:
    """What a person types to install the packages as root."""
    commands = ["apt-get update", f"apt-get install -y {' '.join(wanted)}"]
    if shutil.which("su") and not shutil.which("sudo"):
        return f"su -c '{' && '.join(commands)}'"
    return " && ".join(f"sudo {command}" for command in commands)


def root_prefix() -> list[str] | None:
    """What to put before a command so that it runs as root without a question; None where that cannot be."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def run_as_root(prefix: Sequence[str], command: Sequence[str]) -> int:
    """Run an apt-get command as root, asking nothing and telling only what goes wrong; returns its exit code."""
    kept = [f"{name}={os.environ[name]}" for name in PASSED_TO_ROOT if name in os.environ]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", *kept]
    patient = [command[0], "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", *command[1:]]
    command = [*prefix, *environment, *patient]
    return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def say(sentence: str) -> None:
    """Tell the developer, in order with what child processes print."""
    print(sentence, flush=True)
