"""Tries what was built out as a practice gets it: in a clean Debian, and by the end-to-end stories."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import dev_build
import dev_linux
from dev_checks import Step, Tool
from dev_environment import ROOT
from dev_system import say

SUITES = ("bookworm", "trixie")
"""The releases of Debian to try: the one before the stable one, and that. The older one is the stricter judge."""

MIRROR = os.environ.get("SCR_BULK_DEBIAN_MIRROR", "http://deb.debian.org/debian")
CHROOTS = dev_build.BUILD / "chroots"
STORIES = (
    "tests/e2e/test_run_by_command.py",
    "tests/e2e/test_stop_and_go_on_by_command.py",
    "tests/e2e/test_three_sessions_by_command.py",
    "tests/e2e/test_times_by_command.py",
    "tests/e2e/test_faults_by_command.py",
    "tests/e2e/test_refusals_by_command.py",
    "tests/e2e/test_other_commands.py",
    "tests/e2e/test_demonstration.py",
    "tests/e2e/test_self_check.py",
    "tests/upgrade",
    "tests/crash/test_killed_for_real.py",
)

OPENS_WINDOW = r"""
Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3>"$HOME/display" 2>"$HOME/display.log" &
display=$!
for _ in $(seq 100); do [ -s "$HOME/display" ] && break; sleep 0.1; done
[ -s "$HOME/display" ] || { cat "$HOME/display.log"; kill $display; exit 1; }
export DISPLAY=:$(cat "$HOME/display")

shows() {
  what=$1 title=$2; shift 2
  began=$(date +%s%N)
  scr-bulk "$@" &
  program=$!
  for _ in $(seq 600); do
    if xwininfo -root -tree | grep -q "\"$title"; then
      echo "$what shows $(( ($(date +%s%N) - began) / 1000000 )) ms after the command."
      kill -TERM $program; wait $program; code=$?
      echo "It ended with $code."
      return $code
    fi
    sleep 0.02
  done
  xwininfo -root -tree; kill -KILL $program; return 1
}

shows "The welcome page" "GP Summary Bulk Transmission" --data-dir "$HOME/nothing" &&
shows "A practice that is made meanwhile" "GP Summary.*Demonstration" demo --patients 50 --data-dir "$HOME/window" &&
shows "A practice that is there" "GP Summary.*Demonstration" demo --data-dir "$HOME/window"
code=$?
kill $display
exit $code
"""
"""Starts the program on a display of its own, tells how soon its window is there, and asks it to end."""

WINDOWS_THERE = "windows by offscreen, xcb, wayland"
"""What the self-check says where no library that a window needs is missing."""


def steps(python: Path, made: Sequence[Path]) -> list[Step]:
    """The steps of the try-out, by the tests' Python, for the files that were made."""
    found = [Step("Stories", Stories(python))]
    packages = [file for file in made if file.suffix == ".deb"]
    if packages:
        found += [Step(f"Debian {suite}", CleanDebian(suite, packages[0])) for suite in SUITES]
    return found


class Stories:
    """The end-to-end stories, with the frozen program in the place of the checkout's."""

    def __init__(self, python: Path) -> None:
        self._tool = [str(python), "-m", "pytest", "-q", "-p", "no:randomly", *STORIES]

    def __call__(self) -> bool:
        """Run them."""
        program = dev_build.FROZEN / ("scr-bulk.exe" if os.name == "nt" else "scr-bulk")
        environment = {**os.environ, "SCR_BULK_PROGRAM": str(program)}
        return subprocess.call(self._tool, cwd=ROOT, env=environment) == 0


class CleanDebian:
    """A Debian with nothing but its base: the package is put in and checks itself, is taken out, then the archive."""

    def __init__(self, suite: str, package: Path) -> None:
        self._suite = suite
        self._package = package
        self._root = CHROOTS / suite

    def __call__(self) -> bool:
        """Try it out; where no such system can be made that is said, and nothing is claimed."""
        lacking = self._what_lacks()
        if lacking:
            say(f"Not tried in a clean Debian {self._suite}: {lacking}.")
            return True
        try:
            with self._clean():
                return self._package_works() and self._archive_works()
        finally:
            shutil.rmtree(self._root, ignore_errors=True)

    def _what_lacks(self) -> str:
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            return "that takes root"
        if shutil.which("debootstrap") is None:
            return "debootstrap is not installed"
        return ""

    @contextlib.contextmanager
    def _clean(self) -> Iterator[None]:
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.parent.mkdir(parents=True, exist_ok=True)
        made = ["debootstrap", "--variant=minbase", self._suite, str(self._root), MIRROR]
        subprocess.run(made, stdout=subprocess.DEVNULL, check=True)
        shutil.copy("/etc/resolv.conf", self._root / "etc" / "resolv.conf")
        shutil.copy(self._package, self._root / "root" / self._package.name)
        mounts = [("proc", "proc"), ("tmpfs", "dev/shm")]
        for kind, place in mounts:
            (self._root / place).mkdir(parents=True, exist_ok=True)
            subprocess.call(["mount", "-t", kind, kind, str(self._root / place)])
        try:
            yield
        finally:
            for _, place in mounts:
                subprocess.call(["umount", str(self._root / place)])

    def _package_works(self) -> bool:
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", f"/root/{self._package.name}"]
        steps = (
            ["apt-get", "update", "-qq"],
            install,
            ["useradd", "--create-home", "reception"],
            ["sh", "-c", "! command -v python3"],
        )
        if not all(self._inside(step) for step in steps):
            return False
        if not self._checks_itself("scr-bulk"):
            return False
        kept = self._root / "home" / "reception" / ".local" / "share" / "scr-bulk"
        made = self._as_reception("scr-bulk practice create-demo --patients 50 --seed 1") and self._opens_its_window()
        gone = self._inside(["apt-get", "purge", "-qq", "-y", "scr-bulk"])
        whole = (kept / "practice.db").exists() and not (self._root / "usr" / "lib" / "scr-bulk").exists()
        say(f"Taken out again; the practice's own folder {'stayed' if whole else 'DID NOT STAY'}.")
        return made and gone and whole

    def _opens_its_window(self) -> bool:
        tools = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "xvfb", "x11-utils"]
        (self._root / "opt" / "opens-window.sh").write_text(OPENS_WINDOW, encoding="utf-8")
        return self._inside(tools) and self._as_reception("sh /opt/opens-window.sh")

    def _archive_works(self) -> bool:
        archive = dev_build.OUT / f"{dev_linux.archive_name()}.tar.xz"
        place = self._root / "opt"
        if not Tool(["tar", "--extract", "--file", str(archive), "--directory", str(place)])():
            return False
        return self._checks_itself(f"/opt/{dev_linux.archive_name()}/scr-bulk")

    def _checks_itself(self, program: str) -> bool:
        told = subprocess.run(
            self._as_command(f"{program} --self-check"), capture_output=True, text=True, check=False, env=self._bare()
        )
        say(told.stdout + told.stderr)
        if WINDOWS_THERE not in told.stdout:
            say("A library that a window needs is not among what the package depends on.")
        return told.returncode == 0 and WINDOWS_THERE in told.stdout

    def _as_reception(self, command: str) -> bool:
        return subprocess.call(self._as_command(command), env=self._bare()) == 0

    def _as_command(self, command: str) -> list[str]:
        return ["chroot", str(self._root), "su", "-", "reception", "-c", command]

    def _inside(self, command: Sequence[str]) -> bool:
        done = subprocess.run(
            ["chroot", str(self._root), *command], env=self._bare(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            say(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.returncode == 0

    @staticmethod
    def _bare() -> dict[str, str]:
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
