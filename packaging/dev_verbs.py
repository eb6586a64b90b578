"""The verbs of dev.py: what each one makes ready, and what it then starts. Standard library only."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dev_checks
import dev_environment
import dev_soak
import dev_system
from dev_environment import BUILD_LOCK, LOCK, PROJECT, ROOT
from dev_system import say

# Qt's platforms that draw into memory: a window opened there is seen by nobody.
UNSEEN_PLATFORMS = ("offscreen", "minimal")


@dataclass(frozen=True)
class Verb:
    """What a verb does, in a sentence, and the function that does it and returns the exit code."""

    sentence: str
    run: Callable[[Sequence[str]], int]


def dispatch(arguments: Sequence[str]) -> int:
    """Run the verb that the arguments name; returns the exit code (2 for wrong use or a refusal)."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        say(usage())
        return 0
    verb = VERBS.get(arguments[0])
    if verb is None:
        print(f"There is no verb {arguments[0]!r}.\n\n{usage()}", file=sys.stderr)
        return 2
    try:
        return verb.run(arguments[1:])
    except dev_system.SetupError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


def usage() -> str:
    """The list of verbs."""
    rows = [f"  {name:<12} {verb.sentence}" for name, verb in VERBS.items()]
    return "python3 packaging/dev.py VERB [ARGUMENTS]\n\n" + "\n".join(rows)


def run(arguments: Sequence[str]) -> int:
    """Open the screen on the demonstration practice, or do its migration in the terminal where nothing can be shown."""
    unseen = no_display(os.environ, sys.platform)
    python = dev_environment.ensure({} if unseen else dev_system.display_libraries(os.environ))
    unseen = unseen or no_connection(python)
    if unseen:
        say(f"{unseen}, so the same migration runs here in the terminal.")
        return hand_over([str(python), "-m", "app", "demo", "--terminal", *arguments])
    return hand_over([str(python), "-m", "app", "demo", *arguments])


def no_display(environ: Mapping[str, str], platform: str) -> str | None:
    """Why no window can be seen from here, as the start of a sentence; None where one can, or may."""
    chosen = environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if chosen in UNSEEN_PLATFORMS:
        return f"QT_QPA_PLATFORM={chosen} shows no window"
    if chosen or not platform.startswith("linux") or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return None
    return "There is no display here"


def no_connection(python: Path) -> str | None:
    """Why Qt cannot open the display it is given, as the start of a sentence; None where it can."""
    if not sys.platform.startswith("linux"):
        return None
    probe = [str(python), "-c", "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"]
    try:
        answer = subprocess.run(probe, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "The display does not answer"
    if answer.returncode == 0:
        return None
    words = answer.stderr.strip().splitlines()
    return "The display cannot be opened" + (f" ({words[0]})" if words else "")


DATABASE_SWITCH = "SCR_BULK_TEST_DATABASE"
"""Which database the tests make their practices on (tests/helpers/databases.py)."""


def test(arguments: Sequence[str]) -> int:
    """Every check and every test; with arguments, those are pytest's and the coverage gate is left out.

    `--database postgresql`, first of them, has every practice of the tests made on a server of their own.
    """
    python = dev_environment.ensure(dev_system.OFFSCREEN)
    dev_system.offer_test_tools()
    if arguments[:1] == ["--database"]:
        if arguments[1:2] not in (["sqlite"], ["postgresql"]):
            raise dev_system.Refused("--database takes sqlite or postgresql.")
        os.environ[DATABASE_SWITCH] = arguments[1]
        # Whatever is not told is everything: a choice of the database is no choice of tests.
        arguments = arguments[2:] or ["tests"]
    tests = dev_checks.TestRun(python, arguments)
    results = dev_checks.run_steps([*dev_checks.lint_steps(python), *dev_checks.test_steps(python, tests)])
    return conclude(results, tests.summary)


def lint(arguments: Sequence[str]) -> int:
    """The checks without the tests."""
    if arguments:
        raise dev_system.Refused(f"lint takes no arguments: {' '.join(arguments)}")
    return conclude(dev_checks.run_steps(dev_checks.lint_steps(dev_environment.ensure())))


def conclude(results: Sequence[dev_checks.Result], summary: str | None = None) -> int:
    """List how the steps ended and which failed, pytest's own summary line last; returns the exit code."""
    failed = [result.name for result in results if not result.passed]
    say("\n=== Altogether\n" + "\n".join(map(dev_checks.result_line, results)))
    say(f"Failed: {', '.join(failed)}." if failed else "Everything passed.")
    if summary:
        say(summary)
    return 1 if failed else 0


def bench(arguments: Sequence[str]) -> int:
    """Measure engine and window against the simulated Spine."""
    python = dev_environment.ensure(dev_system.OFFSCREEN)
    return hand_over([str(python), "-m", "tests.benchmarks", *arguments])


def soak(arguments: Sequence[str]) -> int:
    """The suites in their long sizes, and every safeguard taken out in turn."""
    if "--list" in arguments:
        say(dev_soak.listing())
        return 0
    steps = dev_soak.steps(dev_environment.venv_python(), dev_soak.Plan.read(arguments))
    dev_environment.ensure(dev_system.OFFSCREEN)
    dev_system.offer_test_tools()
    return conclude(dev_checks.run_steps(steps))


def screenshots(arguments: Sequence[str]) -> int:
    """Write the pictures of README and help anew from the real window: every state, and the main ones at 200 %."""
    python = dev_environment.ensure(dev_system.OFFSCREEN)
    command = [str(python), "-m", "pytest", "tests/ui/test_screenshots.py", *arguments]
    for scale in ("1", "2"):
        settings = {"SCR_BULK_WRITE_SCREENSHOTS": "1", "QT_SCALE_FACTOR": scale}
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}, check=False).returncode
        if code:
            return code
    return 0


def lock(arguments: Sequence[str]) -> int:
    """Resolve the packages anew, for every system and Python the project is for; the build's to the same versions."""
    uv = shutil.which("uv", path=str(dev_environment.venv_python().parent)) or shutil.which("uv")
    if uv is None:
        raise dev_system.Refused("This verb needs uv. Install it (for example: pipx install uv), then run this again.")
    target = ["--universal", "--python-version", "3.11", "--generate-hashes", str(PROJECT.relative_to(ROOT))]
    form = ["--no-annotate", "--custom-compile-command", "python3 packaging/dev.py lock", "--quiet"]
    locked = str(LOCK.relative_to(ROOT))
    of_build = ["--extra", "build", "--constraint", locked, "--output-file", str(BUILD_LOCK.relative_to(ROOT))]
    for files in (["--extra", "dev", "--output-file", locked], of_build):
        code = subprocess.call([uv, "pip", "compile", *target, *form, *files, *arguments], cwd=ROOT)
        if code:
            return code
    return 0


def build(arguments: Sequence[str]) -> int:
    """Freeze the program and make the packages of this system; with --check, try those out in a clean system."""
    unknown = sorted(set(arguments) - {"--check"})
    if unknown:
        raise dev_system.Refused(f"build takes --check and nothing else: {' '.join(unknown)}")
    # Loaded here: they read pyproject.toml with a part of Python that the oldest ones lack.
    import dev_build

    made = dev_build.build(dev_environment.ensure_build())
    if "--check" not in arguments:
        return 0
    import dev_tryout

    return conclude(dev_checks.run_steps(dev_tryout.steps(dev_environment.ensure(dev_system.OFFSCREEN), made)))


def audit(arguments: Sequence[str]) -> int:
    """Ask the public lists of known weaknesses about every package that is shipped."""
    if arguments:
        raise dev_system.Refused(f"audit takes no arguments: {' '.join(arguments)}")
    import dev_audit

    return dev_audit.audit(dev_environment.ensure_build())


def hand_over(command: Sequence[str]) -> int:
    """Run the verb's own program in the checkout, leaving Ctrl-C and signals to it; returns its exit code."""
    os.chdir(ROOT)
    if os.name == "posix":
        os.execv(command[0], list(command))
    with subprocess.Popen(list(command)) as process:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return process.wait()


VERBS = {
    "run": Verb("set everything up and open the screen on a demonstration practice with the simulated Spine", run),
    "test": Verb("format, lint, types, import contracts, every test, coverage; with arguments: those for pytest", test),
    "lint": Verb("format, lint, types and import contracts alone", lint),
    "bench": Verb(
        "measure the program beside a plain loop and two libraries, and beside its earlier figures (--json)", bench
    ),
    "soak": Verb(
        "the suites in their long sizes, and every safeguard taken out in turn (--list, --suites, --mutations)", soak
    ),
    "screenshots": Verb("write the pictures of README and help from the real window", screenshots),
    "build": Verb("freeze the program and make its packages (--check tries them out in a clean Debian)", build),
    "audit": Verb("ask for known weaknesses of every package that is shipped", audit),
    "lock": Verb("resolve packaging/lock.txt and lock-build.txt anew with uv (--upgrade takes newer versions)", lock),
}
