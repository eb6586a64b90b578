"""The house's own rules against its own traps, each proved on a snippet that breaks it.

Ruff, mypy and the import contracts hold what they can; these are the rules they do not know.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"

TOP_LEVEL = {"pyproject.toml", "app", "resources", "tests", "packaging", "README.md"}
# Put together from pieces, so that this file does not hold what it looks for.
MARKERS = ("TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error")
PLACES = (
    "pypi" + ".org",
    "python" + "hosted",
    "registry" + ".npm",
    "index" + "-url",
    "/wo" + "rk/",
    "/tmp/bash" + "_jobs",
)
LEFT_OVER = re.compile(r"\b(" + "|".join(MARKERS) + r")\b")
ELSEWHERE = re.compile("|".join(map(re.escape, PLACES)))
UNSAFE_COMMIT = re.compile(r"synchronous\s*=\s*['\"]?(NORMAL|OFF|0|1)\b", re.IGNORECASE)

Rule = Callable[[str, ast.Module], Iterator[int]]


def calls(tree: ast.Module, *names: str) -> Iterator[ast.Call]:
    """The calls of methods with one of these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def imports(tree: ast.Module, package: str) -> Iterator[int]:
    """The lines that import a package or something below it."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        if any(name.split(".")[0] == package for name in names):
            yield node.lineno


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name; empty for anything else."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def slot_without_a_thread(text: str, tree: ast.Module) -> Iterator[int]:
    """A lambda or a partial is no method of a QObject: it runs in the thread that emits."""
    for call in calls(tree, "connect"):
        for given in [*call.args, *(keyword.value for keyword in call.keywords)]:
            if isinstance(given, ast.Lambda) or (isinstance(given, ast.Call) and last_name(given.func) == "partial"):
                yield call.lineno


def pumped_events(text: str, tree: ast.Module) -> Iterator[int]:
    """Events pumped by hand run slots in the middle of others."""
    yield from (call.lineno for call in calls(tree, "processEvents"))


def thread_killed(text: str, tree: ast.Module) -> Iterator[int]:
    """QThread.terminate stops a thread anywhere, locks held: modules with Qt must not call any terminate()."""
    if any(imports(tree, "PySide6")):
        yield from (call.lineno for call in calls(tree, "terminate"))


def naive_time(text: str, tree: ast.Module) -> Iterator[int]:
    """A time without a zone is an hour wrong for half of the year."""
    for call in calls(tree, "now", "fromtimestamp", "utcnow", "utcfromtimestamp", "today"):
        if last_name(call.func.value) not in ("datetime", "date"):
            continue
        zone_at = {"now": 0, "fromtimestamp": 1}.get(call.func.attr)
        zones = [keyword.value for keyword in call.keywords if keyword.arg == "tz"]
        if zone_at is not None:
            zones += call.args[zone_at : zone_at + 1]
        if not zones or any(isinstance(zone, ast.Constant) for zone in zones):
            yield call.lineno


def printing(text: str, tree: ast.Module) -> Iterator[int]:
    """Only the commands talk on stdout."""
    yield from (
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    )


def python_own_sqlite(text: str, tree: ast.Module) -> Iterator[int]:
    """Python's own SQLite carries a version that can damage a file in WAL mode."""
    yield from imports(tree, "sqlite3")


def undurable_commit(text: str, tree: ast.Module) -> Iterator[int]:
    """WAL with anything below FULL loses commits that were acknowledged."""
    yield from lines_with(UNSAFE_COMMIT, text)


def no_docstring(text: str, tree: ast.Module) -> Iterator[int]:
    """A module says what lives in it and what may not."""
    if not ast.get_docstring(tree):
        yield 1


def lines_with(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    """The numbers of the lines in which the pattern is found."""
    yield from (number for number, line in enumerate(text.splitlines(), 1) if pattern.search(line))


# Each rule with a snippet that breaks it, one that keeps it, and the part of the program that may break it.
RULES: dict[Rule, tuple[str, str, str | None]] = {
    slot_without_a_thread: ("x.done.connect(lambda: 1)", "x.done.connect(self.on_done)", None),
    pumped_events: ("app.processEvents()", "app.quit()", None),
    thread_killed: ("from PySide6.QtCore import QThread\nt.terminate()", "child.terminate()", None),
    naive_time: ("datetime.now()", "datetime.now(UTC)", None),
    printing: ("print('hello')", "rich.print_json(x)", "cli"),
    python_own_sqlite: ("from sqlite3 import connect", "from sqlcipher3 import dbapi2", None),
    undurable_commit: ("run('PRAGMA synchronous = normal')", "run('PRAGMA synchronous=FULL')", None),
    no_docstring: ("import os", "'''Says what lives here.'''", None),
}
MORE_BREACHES = [
    (slot_without_a_thread, "x.done.connect(functools.partial(f, 1), type=q)"),
    (slot_without_a_thread, "x.done.connect(slot=lambda: 1)"),
    (naive_time, "dt.datetime.utcnow()"),
    (naive_time, "datetime.now(None)"),
    (naive_time, "date.today()"),
    (naive_time, "datetime.fromtimestamp(seconds)"),
    (naive_time, "datetime.fromtimestamp(seconds, tz=None)"),
    (python_own_sqlite, "import sqlite3.dbapi2 as d"),
    (undurable_commit, "PRAGMA = 'synchronous=1'"),
]


def broken(rule: Rule, text: str) -> list[int]:
    return list(rule(text, ast.parse(text)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_program_keeps_the_rule(rule):
    exempt = RULES[rule][2]
    breaches = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(APP.rglob("*.py"))
        if path.relative_to(APP).parts[0] != exempt
        for line in broken(rule, path.read_text(encoding="utf-8"))
    ]
    assert not breaches, rule.__doc__


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_tells_good_from_bad(rule):
    bad, good, _ = RULES[rule]
    assert broken(rule, bad)
    assert not broken(rule, good)


@pytest.mark.parametrize(("rule", "bad"), MORE_BREACHES)
def test_the_rule_knows_the_other_spellings(rule, bad):
    assert broken(rule, bad)


def kept_files() -> list[Path]:
    """Every file that is, or would be, kept in the repository; without git, every file that is not made by a tool."""
    git = shutil.which("git")
    listing = [git or "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if git and (ROOT / ".git").exists():
        told = subprocess.run(listing, cwd=ROOT, capture_output=True, check=False)
        if told.returncode == 0:
            return [ROOT / name for name in told.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    made = {"__pycache__", ".git", ".venv", ".hypothesis", "build", "dist"}
    relative = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [
        ROOT / path
        for path in relative
        if not made & set(path.parts) and not any(part.endswith(("_cache", ".egg-info")) for part in path.parts)
    ]


def kept_texts() -> Iterator[tuple[Path, str]]:
    for path in kept_files():
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def strangers(names: set[str]) -> set[str]:
    return {name for name in names if name not in TOP_LEVEL and not name.startswith(".")}


def test_the_top_level_holds_nothing_else():
    assert not strangers({path.relative_to(ROOT).parts[0] for path in kept_files()})
    assert strangers({"app", ".ci", "setup.py"}) == {"setup.py"}


def test_packaging_is_no_package():
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize(
    ("pattern", "bad"),
    [
        (LEFT_OVER, "# " + "TO" + "DO: later"),
        (LEFT_OVER, "raise NotImplemented" + "Error"),
        (ELSEWHERE, "--index" + "-url https://example.org/simple"),
        (ELSEWHERE, "see /wo" + "rk/notes.md"),
    ],
)
def test_no_text_holds_a_left_over_or_a_place_of_one_machine(pattern, bad):
    found = [f"{path}:{line}" for path, text in kept_texts() for line in lines_with(pattern, text)]
    assert not found
    assert list(lines_with(pattern, bad)) == [1]
