"""The documents for those who approve the program say what is so: tests and settings that they name are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.config import DECLARED

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ROOT / "resources" / "docs"
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINK = re.compile(r"\]\(([\w./-]+\.md)(?:#[\w-]+)?\)")


def text_of(name: str) -> str:
    return (DOCUMENTS / name).read_text(encoding="utf-8")


def names_of_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def missing_tests(text: str) -> list[str]:
    """The tests that a text names and that are not there."""
    return [
        f"{file}::{test}"
        for file, test in NAMED_TEST.findall(text)
        if not (ROOT / file).exists() or test not in names_of_tests(ROOT / file)
    ]


def test_every_hazard_has_controls_and_every_test_it_names_exists():
    log = text_of("hazard-log.md")
    rows = re.findall(r"^\| (H\d+) \|", log, re.MULTILINE)
    assert rows == [f"H{number}" for number in range(1, 11)]
    controls = re.split(r"^\*\*(H\d+)\.\*\*", log, flags=re.MULTILINE)
    assert controls[1::2] == rows
    for hazard, told in zip(controls[1::2], controls[2::2], strict=True):
        assert len(NAMED_TEST.findall(told)) >= 3, hazard
    assert missing_tests(log) == []


@pytest.mark.parametrize(
    "named", ["`tests/unit/test_documents.py::test_of_nothing`", "`tests/unit/test_nowhere.py::test_anything`"]
)
def test_a_test_that_is_not_there_is_noticed(named):
    assert len(missing_tests(named)) == 1
    assert missing_tests("`tests/unit/test_documents.py::test_a_test_that_is_not_there_is_noticed`") == []


def test_a_risk_is_what_its_factors_make():
    factors = re.findall(r"(\d) × (\d) = (\d+)", text_of("hazard-log.md"))
    assert len(factors) == 20
    assert all(int(severity) * int(likelihood) == int(risk) for severity, likelihood, risk in factors)


def test_the_guide_names_every_setting_that_is_offered_and_no_other():
    guide = text_of("installing.md")
    named = set(re.findall(r"`([A-Z][A-Z_]+)(?: = [^`]+)?`", guide)) | set(re.findall(r"`([A-Z_]{5,})", guide))
    named -= {"KEY", "SCR_BULK_KEY", "VERSION", "SHA"}
    declared = {setting.key: setting for setting in DECLARED}
    assert {setting.key for setting in DECLARED if setting.offered} <= named
    assert {name for name in named if name not in declared and not name.startswith("SHA")} == set()
    for keys, standards in re.findall(r"^\| (`[A-Z_`, ]+`) \| ([\w.,: ]+) \|", guide, re.MULTILINE):
        names = re.findall(r"`([A-Z_]+)`", keys)
        told = standards.split(", ") if len(names) > 1 else [standards]
        assert [declared[name].default for name in names] == told


def test_every_page_that_is_referred_to_is_there():
    for page in DOCUMENTS.glob("*.md"):
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
