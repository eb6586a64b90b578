"""The mutation check: does any suite notice when a safeguard is gone?

Each safeguard (safeguards.toml) is taken out of a copy of the checkout by exact replacement of source text, and the
suites that ought to notice are run there. They must fail; a safeguard that can go unnoticed is an error, and so is one
whose text is no longer found. Standard library only.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dev_checks import spread_over_cores
from dev_environment import ROOT
from dev_system import say

SAFEGUARDS = ROOT / "packaging" / "safeguards.toml"
COPIED = ("app", "resources", "tests", "packaging", "pyproject.toml", "README.md")
TESTS_FAILED, NO_TESTS = 1, 5
PATIENCE_SECONDS = 300.0
"""A mutant under which the suites do not come to an end has been noticed as well."""

BASELINE_SECONDS = 1800.0

_UNSEEN = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache")


class NoLongerThere(Exception):
    """The text of a safeguard is not in the source, or not exactly once: the list has to follow the program."""


@dataclass(frozen=True)
class Edit:
    """One replacement in one file, whose path is relative to the checkout."""

    path: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The file's text after the replacement. Raises `NoLongerThere`."""
        if text.count(self.old) != 1:
            raise NoLongerThere(f"{self.path} holds this {text.count(self.old)} times instead of once:\n{self.old}")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Safeguard:
    """A safeguard: what it is for in a few words, how it is taken out, and the suites that must notice."""

    name: str
    edits: tuple[Edit, ...]
    suites: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """How the suites took it that a safeguard was gone; `seconds` on this machine."""

    name: str
    noticed: bool
    words: str
    seconds: float = field(compare=False)

    def line(self) -> str:
        """One line of the table."""
        return f"{'noticed' if self.noticed else 'SURVIVED':<9}{self.seconds:7.1f} s  {self.name}: {self.words}"


def read_safeguards(path: Path = SAFEGUARDS) -> list[Safeguard]:
    """The list, in its order."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Safeguard(one["name"], tuple(Edit(**edit) for edit in one["edit"]), tuple(one["suites"]))
        for one in document["safeguard"]
    ]


def mutated_texts(safeguard: Safeguard, root: Path) -> dict[str, str]:
    """The files of a checkout as they are without the safeguard. Raises `NoLongerThere`, or SyntaxError."""
    texts: dict[str, str] = {}
    for edit in safeguard.edits:
        text = texts.get(edit.path) or (root / edit.path).read_text(encoding="utf-8")
        texts[edit.path] = edit.applied(text)
    for path, text in texts.items():
        ast.parse(text, path)
    return texts


def check(python: Path, safeguards: Sequence[Safeguard]) -> list[Verdict]:
    """Take out one safeguard after the other in a copy of the checkout; what the suites say to each."""
    with copied_checkout() as copy:
        suites = sorted({suite for safeguard in safeguards for suite in safeguard.suites})
        say(f"The {len(suites)} suites as the program is:")
        sound = _as_it_is(python, copy, suites)
        say(sound.line())
        if not sound.noticed:
            return [sound]
        return [_without(python, copy, safeguard) for safeguard in safeguards]


@contextmanager
def copied_checkout() -> Iterator[Path]:
    """A copy of what the tests need of the checkout, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="scr-bulk-mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=_UNSEEN)
            else:
                shutil.copy(source, copy / name)
        yield copy


def _as_it_is(python: Path, copy: Path, suites: Sequence[str]) -> Verdict:
    """That the suites pass on the unchanged copy, and really run its program: else they would prove nothing."""
    began = time.monotonic()
    where = "from pathlib import Path; import app; print(Path(app.__file__).resolve().parent.parent)"
    found = subprocess.run(
        [str(python), "-c", where], cwd=copy, env=_environment(copy), capture_output=True, text=True, check=True
    )
    own = Path(found.stdout.strip()) == copy.resolve()
    code = _run(python, copy, [*spread_over_cores(), *suites], BASELINE_SECONDS) if own else None
    words = "they pass" if code == 0 else "they must pass before anything is taken out, and they do not"
    return Verdict("the program as it is", code == 0, words, time.monotonic() - began)


def _without(python: Path, copy: Path, safeguard: Safeguard) -> Verdict:
    began = time.monotonic()
    try:
        texts = mutated_texts(safeguard, copy)
    except NoLongerThere as reason:
        verdict = Verdict(safeguard.name, False, f"it could not be taken out. {reason}", 0.0)
        say(verdict.line())
        return verdict
    kept = {path: (copy / path).read_bytes() for path in texts}
    try:
        for path, text in texts.items():
            (copy / path).write_text(text, encoding="utf-8")
        code = _run(python, copy, safeguard.suites)
    finally:
        for path, whole in kept.items():
            (copy / path).write_bytes(whole)
    noticed, words = _meaning(code)
    verdict = Verdict(safeguard.name, noticed, words, time.monotonic() - began)
    say(verdict.line())
    return verdict


def _meaning(code: int | None) -> tuple[bool, str]:
    """Whether this end of pytest means that somebody noticed, and in words."""
    if code is None:
        return True, "the suites did not come to their end"
    if code == TESTS_FAILED:
        return True, "tests failed"
    if code == 0:
        return False, "every suite passed without it"
    return False, f"no test failed; pytest ended with {code}"


def _run(python: Path, copy: Path, suites: Sequence[str], patience: float = PATIENCE_SECONDS) -> int | None:
    """Run suites in the copy until the first failure; pytest's exit code, None where it did not end in time."""
    quiet = ["-q", "-x", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [str(python), "-m", "pytest", *quiet, *suites]
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                command,
                cwd=copy,
                env=_environment(copy),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode not in (0, TESTS_FAILED):
            output.seek(0)
            say(output.read().decode("utf-8", "replace")[-3000:])
    return done.returncode


def _environment(copy: Path) -> dict[str, str]:
    """The copy's program goes before the installed one, in child processes too; no compiled files are left over."""
    return {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
