"""Bad input at every edge of the commands: a clear sentence, exit 2 or 4, no traceback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import practice_database
from app.config import load_settings
from app.engine.practice import SpineKind
from tests.helpers import databases
from tests.helpers.program import CARD, Finished, Program, program_for
from tests.helpers.simulator import SimulatorProcess, running_simulator

PATIENTS = "nhs_number,surname,forename,date_of_birth,sex,registration_status,fp69,sensitive,pds_linked,record_in_use\n"
CONSENT = "nhs_number,read_code,term,event_date,recorded_at,recorded_by\n"
ONE_PATIENT = PATIENTS + "999 000 0018,Smith,Ann,01/02/1970,F,permanent,,,,\n"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, SimulatorProcess]]:
    folder = tmp_path_factory.mktemp("demo") / "practice"
    program = Program(folder)
    program.make_demonstration(20, seed=1)
    with running_simulator("--rate", "0", load=folder / "spine.csv") as spine:
        program.spine = spine
        yield program, spine


def refused(done: Finished, code: int, *words: str) -> None:
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err
    assert "123456" not in done.err


def refused_in_json(done: Finished, code: int, *words: str) -> None:
    refused(done, code, *words)
    assert done.result == {
        "run": None,
        "status": "refused" if code == 4 else "error",
        "reason": done.result["reason"],
        "counts": {"unprocessed": 0, "sending": 0, "sent": 0, "failed": 0, "not_required": 0},
        "requests": {"read": 0, "write": 0},
    }
    assert done.result["reason"]


@pytest.mark.parametrize(
    ("card", "words"),
    [
        ("910000000009", "not known"),
        ("910000000004", "expired"),
        ("910000000002", "System Administrator"),
        ("910000000003", "System Administrator"),
        ("910000000005", "several roles"),
    ],
)
def test_a_card_that_may_not_launch_is_refused(demo: tuple[Program, SimulatorProcess], card: str, words: str):
    refused_in_json(demo[0].press("run", card=card), 4, words)


def test_a_wrong_passcode_is_refused_and_never_repeated(demo: tuple[Program, SimulatorProcess], tmp_path: Path):
    program, spine = demo
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("654321", encoding="utf-8")
    done = program("run", "--spine", spine.spine, "--card", CARD, "--passcode-file", wrong, "--json")
    refused_in_json(done, 4, "passcode")
    assert "654321" not in done.err + done.out


def test_an_activity_nobody_has_is_named(demo: tuple[Program, SimulatorProcess]):
    done = demo[0].press("run", environment={"SCR_BULK_LAUNCH_ACTIVITY_CODES": "B9999"})
    refused_in_json(done, 4, "B9999")


def test_scr_switched_off_is_refused(demo: tuple[Program, SimulatorProcess]):
    refused_in_json(demo[0].press("run", environment={"SCR_BULK_SCR_ENABLED": "no"}), 4, "switched off")


def test_an_unknown_group_is_refused(demo: tuple[Program, SimulatorProcess]):
    refused_in_json(demo[0].press("run", "--group", "Nobody's group"), 4, "group")


@pytest.mark.parametrize("action", ["resume", "rerun", "failed"])
def test_an_action_that_needs_an_earlier_run_is_refused_without_one(
    demo: tuple[Program, SimulatorProcess], action: str
):
    refused_in_json(demo[0].press(action), 4, "has not been run yet")


def test_without_a_card_or_a_passcode_and_without_a_terminal_it_is_wrong_use(demo: tuple[Program, SimulatorProcess]):
    program, spine = demo
    refused(program("run", "--spine", spine.spine), 2, "--card")
    refused(program("run", "--spine", spine.spine, "--card", CARD), 2, "--passcode-file")
    refused(program("run", "--spine", spine.spine, "--card", CARD, "--passcode-file", "nowhere.txt"), 2, "nowhere.txt")


def test_no_spine_is_said(demo: tuple[Program, SimulatorProcess]):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        refused(demo[0]("run", "--spine", f"{nobody}/x", "--card", CARD), 4, "does not answer")
        passcode = str(demo[0].passcode_file)
        done = demo[0](
            "run", "--spine", f"{nobody}/x", "--auth", f"{nobody}/oauth2", "--card", CARD, "--passcode-file", passcode
        )
        refused(done, 4, "could not be reached")


@pytest.mark.parametrize("address", ["spine", "ftp://spine", "http://spine.example/x", "https://"])
def test_an_address_that_cannot_be_one_is_wrong_use(demo: tuple[Program, SimulatorProcess], address: str):
    refused(demo[0]("run", "--spine", address, "--auth", address, "--card", CARD), 2, "SPINE_URL")


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("run", "--family", "initial-upload"),
        ("resume", "--group", "x"),
        ("practice", "create-demo", "--patients", "0", "--seed", "1"),
        ("practice", "create-demo", "--patients", "500001", "--seed", "1"),
        ("practice", "create-demo", "--patients", "many", "--seed", "1"),
        ("practice",),
        ("report", "nonsense"),
        ("simulator", "--rate", "-1"),
    ],
)
def test_wrong_use_is_explained(tmp_path: Path, arguments: tuple[str, ...]):
    done = program_for(tmp_path / "p")(*arguments)
    refused(done, 2, "usage:")


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path):
    done = program_for(tmp_path / "p")("status", environment={"SCR_BULK_CONCURRENCY": "many"})
    refused(done, 2, "CONCURRENCY", "1 to 16")


@pytest.mark.parametrize("command", [("status",), ("report", "outcomes"), ("practice", "export", "--out", "x")])
def test_without_a_practice_there_is_nothing_to_tell(tmp_path: Path, command: tuple[str, ...]):
    refused(program_for(tmp_path / "p")(*command), 4, "no practice")


def test_without_a_run_there_is_no_status_but_an_export(demo: tuple[Program, SimulatorProcess], tmp_path: Path):
    program, _ = demo
    refused_in_json(program("status", "--json"), 4, "no run yet")
    refused(program("report", "outcomes"), 4, "no run yet")
    refused(program("report", "outcomes", "--run", "5"), 4, "no run 5")
    done = program("practice", "export", "--out", tmp_path)
    assert done.code == 0, done.err
    assert len((tmp_path / "outcomes.csv").read_text(encoding="utf-8-sig").splitlines()) == 1


def test_a_bad_list_names_every_line_and_leaves_nothing_behind(tmp_path: Path):
    patients, consent = tmp_path / "patients.csv", tmp_path / "consent.csv"
    patients.write_text(
        ONE_PATIENT + "9.99E+09,Jones,Bo,01/02/1970,M,permanent,,,,\n99900000,Roe,Al,31/02/1970,M,gone,,,,\n",
        encoding="utf-8",
    )
    consent.write_text(CONSENT + "9990000018,XXXX.,,01/02/2020,,Dr A\n", encoding="utf-8")
    program = program_for(tmp_path / "p")
    done = program("practice", "import", "--patients", patients, "--consent", consent)
    refused(done, 2, "patients.csv", "line 3", "line 4", "date_of_birth", "registration_status", "read_code")
    assert not (tmp_path / "p" / "practice.db").exists()


def test_a_list_over_a_practice_is_refused_and_update_merges(tmp_path: Path):
    patients, consent = tmp_path / "patients.csv", tmp_path / "consent.csv"
    patients.write_text(ONE_PATIENT, encoding="utf-8")
    consent.write_text(CONSENT + "9990000018,9Ndo,,01/02/2020,,Dr A\n", encoding="utf-8")
    program = program_for(tmp_path / "p")
    bring = ("practice", "import", "--patients", patients, "--consent", consent)
    assert program(*bring).code == 0
    refused(program(*bring), 4, "--update")
    patients.write_text(PATIENTS + "9990000026,Jones,Bo,1980-05-06,M,permanent,yes,,,\n", encoding="utf-8")
    consent.write_text(CONSENT, encoding="utf-8")
    updated = program(*bring, "--update")
    assert updated.code == 0, updated.err
    assert "1 patients are not in the new list" in updated.err
    program("practice", "export", "--out", tmp_path / "out")
    assert "9Ndo." in (tmp_path / "out" / "consent.csv").read_text(encoding="utf-8-sig")
    assert list((tmp_path / "p").glob("**/practice-auto-*.db")), "a backup comes first"


def test_a_demonstration_over_a_practice_and_an_update_of_a_demonstration_are_refused(
    demo: tuple[Program, SimulatorProcess], tmp_path: Path
):
    program, _ = demo
    on_server = databases.under_test is databases.Kind.POSTGRESQL
    taken = "shared database" if on_server else "holds a practice already"
    refused(program("practice", "create-demo", "--patients", "5", "--seed", "1"), 4, taken)
    patients, consent = tmp_path / "patients.csv", tmp_path / "consent.csv"
    patients.write_text(ONE_PATIENT, encoding="utf-8")
    consent.write_text(CONSENT, encoding="utf-8")
    done = program("practice", "import", "--patients", patients, "--consent", consent, "--update")
    refused(done, 4, "demonstration")


@pytest.mark.sqlite_only
def test_a_damaged_practice_is_refused_in_words(tmp_path: Path):
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "practice.db").write_bytes(b"this is no database at all" * 100)
    refused(program_for(folder)("status"), 4)


def test_a_simulator_that_cannot_start_says_why(demo: tuple[Program, SimulatorProcess], tmp_path: Path):
    program, spine = demo
    refused(program("simulator", "--port", str(spine.port)), 4, "port")
    refused(program("simulator", "--port", "0", "--load", tmp_path / "none.csv"), 4)
    refused(program("simulator", "--port", "70000"), 4, "port")


def test_the_version_is_told(tmp_path: Path):
    done = program_for(tmp_path / "p")("--version")
    assert done.code == 0
    assert done.out.startswith("scr-bulk")


def test_a_rehearsal_on_a_real_practice_is_refused_and_reaches_nobody(tmp_path: Path):
    program = program_for(tmp_path / "p")
    patients, consent = tmp_path / "patients.csv", tmp_path / "consent.csv"
    patients.write_text(ONE_PATIENT, encoding="utf-8")
    consent.write_text(CONSENT + "9990000018,93C3.,,01/02/2020,,Dr A\n", encoding="utf-8")
    assert program("practice", "import", "--patients", patients, "--consent", consent).code == 0
    with practice_database(load_settings(program.folder, environment={})) as files:
        files.database.mark_spine(SpineKind.REAL, "go-live day")
    with running_simulator("--rate", "0") as spine:
        program.spine = spine
        refused_in_json(program.press("run"), 4, "real Spine")
        assert spine.history() == [call for call in spine.history() if call["path"].endswith("/healthcheck")]
    program("practice", "export", "--out", tmp_path / "out")
    assert "93C3." in (tmp_path / "out" / "consent.csv").read_text(encoding="utf-8-sig")


def test_a_list_asked_for_under_a_card_needs_the_right_to_see_names(demo: tuple[Program, SimulatorProcess]):
    program, spine = demo
    where = ("--spine", spine.spine, "--auth", spine.auth, "--passcode-file", str(program.passcode_file))
    refused(program("report", "outcomes", *where, "--card", "910000000003"), 4, "B0011 or B0062", "Registration")
    refused(program("report", "outcomes", *where, "--card", "910000000002"), 4, "no run yet")
