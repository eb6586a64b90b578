"""The command line is read without loading what its verbs need; every verb it names is there."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import parser
from tests.helpers.simulator import ROOT

HEAVY = ("sqlalchemy", "requests", "aiohttp", "rich", "alembic", "PySide6")


def named_verbs() -> list[tuple[str, str]]:
    """Every `module.function` of verbs that the parser's text names."""
    texts = (path.read_text(encoding="utf-8") for path in Path(parser.__file__).parent.glob("*.py"))
    found = (
        (node.value.id, node.attr)
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    )
    return sorted({pair for pair in found if pair[0].endswith(("_command", "_commands"))})


def test_verbs_are_named():
    assert len(named_verbs()) >= 10


@pytest.mark.parametrize(("module", "function"), named_verbs())
def test_a_verb_that_is_named_is_there(module: str, function: str):
    assert callable(getattr(importlib.import_module(f"app.cli.{module}"), function))


def test_reading_the_command_line_loads_nothing_heavy():
    """The window shows in under a second only if nothing is loaded before it that it does not need."""
    script = f"""
import sys
from app import cli
cli.parse(["run", "--card", "1"])
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout.strip() == "[]"
