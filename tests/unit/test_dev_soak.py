"""The long watch: what is chosen, and that the mutation check tells a safeguard that is missed from one that is not."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def load() -> SimpleNamespace:
    """The command's modules, imported as the command itself does."""
    sys.path.insert(0, str(PACKAGING))
    try:
        import dev_mutations
        import dev_soak
        import dev_system
    finally:
        sys.path.remove(str(PACKAGING))
    return SimpleNamespace(mutations=dev_mutations, soak=dev_soak, system=dev_system)


DEV = load()
LISTED = DEV.mutations.read_safeguards()
Edit, Safeguard = DEV.mutations.Edit, DEV.mutations.Safeguard


# --- the list ---


@pytest.mark.parametrize("safeguard", LISTED, ids=lambda safeguard: safeguard.name)
def test_every_safeguard_stands_where_the_list_says(safeguard):
    """Fails when one of these places was changed: bring packaging/safeguards.toml up to date."""
    texts = DEV.mutations.mutated_texts(safeguard, ROOT)
    assert all(text != (ROOT / path).read_text(encoding="utf-8") for path, text in texts.items())
    assert safeguard.suites
    assert all((ROOT / suite).exists() for suite in safeguard.suites)


def test_no_name_is_there_twice():
    assert len({safeguard.name for safeguard in LISTED}) == len(LISTED)


# --- what is asked for ---


@pytest.mark.parametrize(
    ("arguments", "suites", "safeguards"),
    [
        ([], (), ()),
        (["--suites"], (), None),
        (["--mutations"], None, ()),
        (["--mutations", "lock", "epoch"], None, ("lock", "epoch")),
        (["--suites", "fuzz", "--mutations"], ("fuzz",), ()),
    ],
)
def test_the_plan(arguments, suites, safeguards):
    assert DEV.soak.Plan.read(arguments) == DEV.soak.Plan(suites, safeguards)


@pytest.mark.parametrize("arguments", [["fuzz"], ["--fuzz"], ["--suites", "-x"]])
def test_a_plan_that_is_not_understood_is_refused(arguments):
    with pytest.raises(DEV.system.Refused, match=arguments[-1]):
        DEV.soak.Plan.read(arguments)


def test_parts_are_chosen_by_words():
    assert DEV.soak.chosen(["Life of a run", "HTTP fuzz"], ["FUZZ"]) == ["HTTP fuzz"]
    assert DEV.soak.chosen(["Life of a run", "HTTP fuzz"], []) == ["Life of a run", "HTTP fuzz"]
    with pytest.raises(DEV.system.Refused, match="HTTP fuzz"):
        DEV.soak.chosen(["HTTP fuzz"], ["fizz"])


def test_the_plan_becomes_steps():
    steps = DEV.soak.steps(Path(sys.executable), DEV.soak.Plan(("toxics",), ("epoch clause",)))
    assert [step.name for step in steps] == ["Toxics", "Mutations"]
    assert steps[1].run.names == ["the epoch clause"]
    listing = DEV.soak.listing()
    assert all(name in listing for name in (*DEV.soak.SUITES, *(safeguard.name for safeguard in LISTED)))


def test_every_suite_that_has_a_long_size_is_run():
    long = {path for path in (ROOT / "tests").rglob("test_*.py") if "tests.helpers.soak" in path.read_text()}
    run = {ROOT / path for paths in DEV.soak.SUITES.values() for path in paths if not path.startswith("-")}
    assert {path for path in long if not run & {path, *path.parents}} == {Path(__file__)}
    assert all(path.exists() for path in run)


# --- the check itself, on a program of three lines ---

GUARD = "def may_send(gate_open):\n    return gate_open\n\n\nLIMIT = 3\n"
SUITE = "from app.guard import LIMIT, may_send\n\n\ndef test_it():\n    assert not may_send(False)\n"
SUITES = ("tests/test_guard.py",)


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    for folder in ("app", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "guard.py").write_text(GUARD)
    (tmp_path / "tests" / "test_guard.py").write_text(SUITE)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    monkeypatch.setattr(DEV.mutations, "ROOT", tmp_path)
    monkeypatch.setattr(DEV.mutations, "COPIED", ("app", "tests", "pyproject.toml"))
    monkeypatch.setattr(DEV.mutations, "spread_over_cores", list)
    return tmp_path


def verdicts_on(*safeguards) -> dict[str, bool]:
    verdicts = DEV.mutations.check(Path(sys.executable), safeguards)
    return {verdict.name: verdict.noticed for verdict in verdicts}


def test_a_safeguard_that_is_missed_is_told_from_one_that_is_not(checkout, capfd):
    told = verdicts_on(
        Safeguard("the gate", (Edit("app/guard.py", "return gate_open", "return True"),), SUITES),
        Safeguard("the limit", (Edit("app/guard.py", "LIMIT = 3", "LIMIT = 4"),), SUITES),
        Safeguard("the gate again", (Edit("app/guard.py", "return gate_open", "return not gate_open"),), SUITES),
    )
    assert told == {"the gate": True, "the limit": False, "the gate again": True}
    assert "SURVIVED" in capfd.readouterr().out
    assert (checkout / "app" / "guard.py").read_text() == GUARD, "the checkout itself is never touched"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit("app/guard.py", "return gate_closed", "return True"), "0 times instead of once"),
        (Edit("app/guard.py", "gate_open", "x"), "2 times instead of once"),
        (Edit("app/guard.py", "LIMIT = 3", ""), "no test failed"),
    ],
    ids=["not there", "twice", "a program that cannot be loaded"],
)
def test_what_proves_nothing_counts_as_a_survivor(checkout, capfd, edit, words):
    assert verdicts_on(Safeguard("one", (edit,), SUITES)) == {"one": False}
    assert words in capfd.readouterr().out


def test_a_text_that_is_no_program_is_refused(checkout):
    with pytest.raises(SyntaxError):
        verdicts_on(Safeguard("one", (Edit("app/guard.py", "return gate_open", "return ("),), SUITES))


def test_suites_that_fail_by_themselves_prove_nothing(checkout):
    (checkout / "tests" / "test_guard.py").write_text(SUITE + "    assert LIMIT == 4\n")
    told = verdicts_on(Safeguard("the gate", (Edit("app/guard.py", "return gate_open", "return True"),), SUITES))
    assert told == {"the program as it is": False}


def test_survivors_fail_the_step(checkout, monkeypatch, capfd):
    gate = Safeguard("the gate", (Edit("app/guard.py", "return gate_open", "return True"),), SUITES)
    limit = Safeguard("the limit", (Edit("app/guard.py", "LIMIT = 3", "LIMIT = 4"),), SUITES)
    monkeypatch.setattr(DEV.mutations, "read_safeguards", lambda: [gate, limit])
    assert DEV.soak.MutationCheck(Path(sys.executable), ["the gate"])()
    assert not DEV.soak.MutationCheck(Path(sys.executable), ["the gate", "the limit"])()
    assert "1 of 2 safeguards cannot go unnoticed.\nNobody noticed: the limit." in capfd.readouterr().out


# --- the long sizes ---


@pytest.mark.parametrize("wanted", ["1", "2"])
def test_a_long_suite_is_told_that_it_is_one_and_its_failure_fails_the_step(tmp_path, monkeypatch, capfd, wanted):
    suite = f"import os\n\n\ndef test_it():\n    assert os.environ['SCR_BULK_SOAK'] == '{wanted}'\n"
    (tmp_path / "test_long.py").write_text(suite)
    monkeypatch.setattr(DEV.soak, "ROOT", tmp_path)
    monkeypatch.setattr(DEV.soak.dev_checks, "spread_over_cores", list)
    assert DEV.soak.LongSuite(Path(sys.executable), ("test_long.py",))() is (wanted == "1")
    assert ("1 passed" in capfd.readouterr().out) is (wanted == "1")
