"""Reports taken out as files: who may, what is in them against a count made anew, and nothing half done."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap.reports import report_desk
from app.domain.errors import BadInput, Refused
from app.domain.session import Role
from app.domain.states import StopReason
from app.engine.long_work import Cancelled, Progress
from app.engine.reports import Report, ReportDesk, Sheets
from app.engine.rights import Rights
from app.engine.run_lists import LISTS
from app.storage.database import PracticeDatabase
from app.storage.run_queries import SqlRunQueries
from tests.helpers.card import Card
from tests.helpers.giving_up import GivesUp
from tests.helpers.seeded import rows_of, seeded_practice
from tests.helpers.soak import size

RECEPTIONIST = Role("555003", "Receptionist", "S8001:G8000:R8008", frozenset({"B0029"}))
RUN = 2
EVERY_LIST = LISTS.values()


class Office:
    """A seeded practice, the desk that gives its reports out, and the card of whoever asks for one."""

    def __init__(self, database: PracticeDatabase) -> None:
        self.database = database
        self.card = Card(database.clock)
        rights = Rights(self.card, {"B0062"}, database.clock)
        self.desk: ReportDesk = report_desk(database, SqlRunQueries(database), rights, database.clock)

    def events(self) -> list[dict[str, Any]]:
        return rows_of(self.database, "SELECT * FROM audit_event WHERE action = 'report_taken' ORDER BY number")

    def items(self, where: str = "1 = 1") -> list[dict[str, Any]]:
        joined = "item JOIN patient ON patient.id = item.patient_id"
        return rows_of(self.database, f"SELECT * FROM {joined} WHERE run_id = {RUN} AND {where}")


@pytest.fixture(scope="module", params=range(size(1, 20)))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeDatabase]:
    database, _ = seeded_practice(tmp_path_factory.mktemp("office") / "data", request.param, size(300, 2_000))
    yield database
    database.close()


@pytest.fixture
def office(whole: PracticeDatabase) -> Office:
    return Office(whole)


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a practice of its own, to be written to."""
    database, _ = seeded_practice(tmp_path_factory.mktemp("own") / "data", seed=1, patients=100)
    yield Office(database)
    database.close()


def report(name: str) -> Report:
    return Report(RUN, LISTS[name])


def read(path: Path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "a spreadsheet takes it for another encoding otherwise"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("state", ["unprocessed", "sending", "sent", "failed", "not_required"])
def test_a_file_holds_whom_the_rows_say(office: Office, tmp_path: Path, state: str):
    name = {"sent": "dissent-sent", "not_required": "not-required"}.get(state, state)
    told = office.desk.save_csv(report(name), tmp_path / "list.csv")
    wanted = office.items(f"state = '{state}'")
    assert told == len(wanted) > 0
    found = {row["patient_ref"]: row for row in read(tmp_path / "list.csv")}
    assert {ref: (row["surname"], row["outcome"], row["reason"]) for ref, row in found.items()} == {
        row["patient_ref"]: (row["surname"], row["state"], row["reason"] or "") for row in wanted
    }


def test_the_five_lists_add_up_to_the_run(office: Office, tmp_path: Path):
    names = ("unprocessed", "sending", "dissent-sent", "failed", "not-required")
    refs = [
        row["patient_ref"]
        for name in names
        for row in read_after(office.desk.save_csv(report(name), tmp_path / name), tmp_path / name)
    ]
    assert sorted(refs) == sorted(row["patient_ref"] for row in office.items())
    assert len(refs) == office.desk.save_csv(report("outcomes"), tmp_path / "all")


def read_after(told: int, path: Path) -> list[dict[str, str]]:
    rows = read(path)
    assert told == len(rows)
    return rows


def test_a_name_that_a_spreadsheet_would_run_is_guarded(own: Office, tmp_path: Path):
    with own.database.writing() as connection:
        first = "SELECT patient_id FROM item WHERE run_id = 2 AND sequence = 1"
        names = "surname = '=HYPERLINK(\"x\")', forename = '@SUM'"
        connection.exec_driver_sql(f"UPDATE patient SET {names} WHERE id IN ({first})")
    own.desk.save_csv(report("outcomes"), tmp_path / "list.csv")
    named = [row for row in read(tmp_path / "list.csv") if "HYPERLINK" in row["surname"]]
    assert [(row["surname"], row["forename"]) for row in named] == [('\'=HYPERLINK("x")', "'@SUM")]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are others there")
def test_a_file_is_its_owners_alone(office: Office, tmp_path: Path):
    office.desk.save_csv(report("failed"), tmp_path / "list.csv")
    assert stat.S_IMODE((tmp_path / "list.csv").stat().st_mode) == 0o600


def test_taking_is_in_the_audit_trail_with_who_what_and_where_to(office: Office, tmp_path: Path):
    before = len(office.events())
    told = office.desk.save_csv(report("mismatch"), tmp_path / "list.csv")
    [event] = office.events()[before:]
    assert event["actor"] == "Pat Manager (System Administrator, card 910000000001)"
    assert (event["run_id"], event["patient_id"]) == (RUN, None)
    assert event["detail"] == f"mismatch, {told} patients, CSV file, {tmp_path / 'list.csv'}"


def take(office: Office, path: Path, progress: Progress) -> None:
    office.desk.save_csv(report("outcomes"), path, progress)


def draw(sheets: Sheets, path: Path, progress: Progress) -> None:
    """A drawing of the crudest kind."""
    with path.open("w", encoding="utf-8") as stream:
        for at, line in enumerate(sheets.rows.lines):
            stream.write(f"{line.surname}\n")
            progress("Drawing the pages", at)


def take_pages(office: Office, path: Path, progress: Progress) -> None:
    office.desk.save_pages(report("outcomes"), path, draw, progress)


BOTH_WAYS = pytest.mark.parametrize("taken", [take, take_pages])


@BOTH_WAYS
def test_given_up_at_any_step_it_leaves_the_file_before_it_alone(office: Office, tmp_path: Path, taken):
    path = tmp_path / "list.csv"
    path.write_text("the one before")
    steps = GivesUp()
    taken(office, tmp_path / "other.csv", steps)
    assert {"Putting the file in place"} < set(steps.steps)
    (tmp_path / "other.csv").unlink()
    for at in range(1, len(steps.words) + 1, max(1, len(steps.words) // 12)):
        with pytest.raises(Cancelled):
            taken(office, path, GivesUp(at))
        assert path.read_text() == "the one before"
        assert [one.name for one in tmp_path.iterdir()] == ["list.csv"]


@BOTH_WAYS
def test_a_card_taken_out_meanwhile_ends_it(office: Office, tmp_path: Path, taken):
    def take_card_out(doing: str, done: int = 0, total: int = 0) -> None:
        office.card.end(StopReason.CARD_REMOVED)

    with pytest.raises(Refused, match="Nobody is signed in"):
        taken(office, tmp_path / "list.csv", take_card_out)
    assert not list(tmp_path.iterdir())


@BOTH_WAYS
def test_whoever_may_not_see_names_gets_no_file_and_leaves_no_trace(office: Office, tmp_path: Path, taken):
    before = len(office.events())
    office.card.sign_in(RECEPTIONIST)
    with pytest.raises(Refused, match="B0011"):
        taken(office, tmp_path / "list.csv", GivesUp())
    with pytest.raises(Refused, match="B0011"):
        office.desk.who_takes()
    assert not list(tmp_path.iterdir())
    assert len(office.events()) == before


@BOTH_WAYS
def test_a_place_that_cannot_be_written_is_told_with_the_file(office: Office, tmp_path: Path, taken):
    with pytest.raises(BadInput, match=r"list\.csv could not be written to .*nowhere"):
        taken(office, tmp_path / "nowhere" / "list.csv", GivesUp())


def test_what_is_put_on_paper_is_asked_for_and_kept_like_a_file(office: Office):
    seen: list[Sheets] = []

    def put(sheets: Sheets, progress: Progress) -> None:
        seen.append(sheets)
        assert len(list(sheets.rows.lines)) == sheets.rows.patients

    told = office.desk.put_on_paper(report("failed"), "Front desk", put)
    assert office.events()[-1]["detail"] == f"failed, {told} patients, print, Front desk"
    [sheets] = seen
    assert (sheets.taken_by, sheets.taken_at) == ("Pat Manager (System Administrator)", office.database.clock.now())
    office.card.end()
    with pytest.raises(Refused):
        office.desk.put_on_paper(report("failed"), "Front desk", put)
    assert len(seen) == 1


def test_the_rows_are_those_of_one_moment_whatever_a_run_changes(own: Office):
    wanted = len(own.items("state = 'failed'"))

    def put(sheets: Sheets, progress: Progress) -> None:
        with own.database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE item SET attempts = attempts + 7 WHERE run_id = {RUN}")
        assert all(line.outcome is not None and line.outcome.attempts < 7 for line in sheets.rows.lines)

    assert own.desk.put_on_paper(report("failed"), "Front desk", put) == wanted
