"""A practice that a server keeps, at the window: an empty database, a server that is away or stands still, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from app.bootstrap import create_demonstration, look_at_list, move_practice
from app.config import change_config_file, load_settings
from app.domain.actions import Action
from app.domain.states import RunStatus, StopReason
from app.storage.postgres.address import SCHEMA
from app.storage.schema import CURRENT
from app.ui.front import returning
from app.ui.front.import_sheet import ImportSheet
from app.ui.reading import SILENT
from tests.helpers import databases
from tests.helpers.list_files import written
from tests.helpers.postgres import Server
from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.ui.front.conftest import PATIENTS, Desk

pytestmark = pytest.mark.skipif(
    databases.WANTED == databases.Kind.SQLITE, reason="about a server, and none was asked for"
)


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    """A server of this test's own, that may be stopped; it is looked for often."""
    databases.server()
    monkeypatch.setattr(returning, "LOOK_AGAIN_MS", 50)
    own = Server()
    yield own
    own.close()


@pytest.fixture
def empty(server: Server, tmp_path: Path) -> Path:
    """A workstation's folder that names an empty database."""
    folder = tmp_path / "workstation"
    folder.mkdir()
    change_config_file(folder, {"DATABASE_URL": server.url(server.new_database())})
    return folder


@pytest.fixture
def spine(tmp_path: Path) -> Iterator[SimulatorProcess]:
    """A simulated Spine that knows the patients of `shared`."""
    create_demonstration(load_settings(tmp_path / "first", environment={}), PATIENTS, seed=3)
    with running_simulator("--rate", "0", load=tmp_path / "first" / "spine.csv") as running:
        yield running


@pytest.fixture
def shared(server: Server, spine: SimulatorProcess, empty: Path, tmp_path: Path) -> Path:
    """The folder of a workstation that works on a practice of the server."""
    move_practice(load_settings(tmp_path / "first", environment={}), server.url("test_1"))
    change_config_file(empty, {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth})
    return empty


def words_of(desk: Desk) -> str:
    return str(desk.program.practice.screen.window.middle.choose.history.words)


def test_into_an_empty_database_a_list_is_imported_from_the_welcome_page(start, empty, spine, tmp_path):
    change_config_file(empty, {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth})
    desk = start(empty)
    page = desk.until_welcome()
    assert "holds no practice yet" in page.trouble.words
    assert page.default_button() is page.import_here_button
    assert not page.restore_button.isVisible()
    desk.press(page.import_here_button)
    sheet = desk.until_sheet(ImportSheet)
    assert sheet.files.folder.path == empty
    files = written(tmp_path / "lists")
    for field, path in (
        (sheet.files.patients, files.patients),
        (sheet.files.consent, files.consent),
        (sheet.files.groups, files.groups),
    ):
        field.set_path(path)
    sheet.files.name.setText("The Surgery")
    desk.press(sheet.look_button)
    desk.until(lambda: sheet.import_button.isVisible() and sheet.import_button.isEnabled())
    desk.press(sheet.import_button)
    desk.until(lambda: sheet.done_button.isVisible())
    desk.press(sheet.done_button)
    screen = desk.until_open(empty)
    assert not (empty / "practice.db").exists()
    assert "The Surgery" in screen.window.windowTitle()
    assert "the database test_1 on this computer" in screen.window.windowTitle()
    assert desk.program.practice.opened.product.queries.patient_count() == 3


def test_over_a_practice_that_another_workstation_brought_in_meanwhile_nothing_is_imported(start, empty, tmp_path):
    desk = start(empty)
    page = desk.until_welcome()
    files = written(tmp_path / "lists")
    look_at_list(load_settings(empty, environment={}), files, update=False).bring_in()
    desk.press(page.import_here_button)
    sheet = desk.until_sheet(ImportSheet)
    sheet.files.patients.set_path(files.patients)
    sheet.files.consent.set_path(files.consent)
    desk.press(sheet.look_button)
    desk.until(lambda: "There is a practice already" in sheet.files.message.words)
    sheet.dismiss()


def test_a_server_that_is_away_at_the_start_is_waited_for(start, server, shared):
    server.stop()
    desk = start(shared)
    page = desk.until_welcome()
    assert "cannot be reached" in page.trouble.words
    assert "tried again by itself" in page.trouble.words
    assert not page.restore_button.isVisible()
    assert not page.import_here_button.isVisible()
    server.start()
    screen = desk.until_open(shared)
    assert screen.window.middle.choose.buttons[Action.RUN].isEnabled()


def test_a_server_that_goes_away_is_told_and_asked_again_until_it_is_back(start, server, shared):
    desk = start(shared)
    screen = desk.until_open(shared)
    server.stop()
    desk.until(lambda: "cannot be reached" in words_of(desk))
    assert "asked again by itself" in words_of(desk)
    buttons = screen.window.middle.choose.buttons
    assert not any(button.isEnabled() for button in buttons.values())
    server.start()
    desk.until(buttons[Action.RUN].isEnabled)
    assert desk.program.practice.screen is screen


def test_a_server_that_stands_still_never_holds_the_window_up(start, server, shared):
    desk = start(shared)
    screen = desk.until_open(shared)
    buttons = screen.window.middle.choose.buttons
    server.freeze()
    screen.runs.refresh()
    desk.until(lambda: SILENT in words_of(desk))
    assert not any(button.isEnabled() for button in buttons.values())
    server.thaw()
    desk.until(buttons[Action.RUN].isEnabled)


def test_a_press_while_the_server_stands_still_is_not_carried_out_when_nobody_expects_it_any_more(
    start, server, shared
):
    desk = start(shared)
    screen = desk.until_open(shared)
    desk.hands().signed_in()
    server.freeze()
    screen.runs.refresh()
    desk.press(screen.window.middle.choose.buttons[Action.RUN])
    desk.until(lambda: SILENT in words_of(desk))
    server.thaw()
    desk.until(screen.window.middle.choose.buttons[Action.RUN].isEnabled)
    assert screen.window.middle.choose.isVisible()
    assert not screen.runs.is_live


def test_the_window_is_closed_before_a_server_that_stands_still(start, server, shared):
    desk = start(shared)
    screen = desk.until_open(shared)
    server.freeze()
    screen.runs.refresh()
    desk.until(lambda: SILENT in words_of(desk))
    desk.program.end()
    assert desk.ended() == 0
    assert desk.program.practice is None


def test_what_is_not_whole_is_told_and_no_backup_of_this_computer_is_offered(start, server, shared):
    with closing(server.admin("test_1")) as connection:
        connection.execute(f"DROP TABLE {SCHEMA}.patient_group_member")
    (shared / "backups").mkdir()
    desk = start(shared)
    page = desk.until_welcome()
    assert "have the server's backup restored" in page.trouble.words
    assert not page.restore_button.isVisible()
    assert "backup" not in page.trouble.words.replace("have the server's backup restored", "")


def test_a_newer_version_at_another_workstation_is_told_with_both(start, server, shared):
    with closing(server.admin("test_1")) as connection:
        connection.execute(f"UPDATE {SCHEMA}.alembic_version SET version_num = '{CURRENT.number + 1:04d}'")
    page = start(shared).until_welcome()
    assert f"schema {CURRENT.number + 1}" in page.trouble.words
    assert "Install the newer version" in page.trouble.words


def test_what_runs_at_one_workstation_is_seen_at_the_other_and_stopped_from_there(start, shared, empty, tmp_path):
    other = tmp_path / "other workstation"
    other.mkdir()
    (other / "config.toml").write_bytes((shared / "config.toml").read_bytes())
    change_config_file(shared, {"REQUESTS_PER_SECOND": "2"})
    here, there = start(shared), start(other)
    here.until_open(shared)
    there.until_open(other)
    hands = here.hands()
    hands.signed_in()
    hands.press(Action.RUN)
    hands.until_page(hands.middle.options)
    hands.click(hands.middle.options.ok_button)
    hands.until(lambda: hands.middle.running.meter.value() > 0)

    there.until(lambda: "Running since" in words_of(there))
    assert "started by Alison Marsh on " in words_of(there)
    assert "This practice is being worked on by Alison Marsh on " in words_of(there)
    choose = there.program.practice.screen.window.middle.choose
    assert not any(button.isEnabled() for button in choose.buttons.values())
    seen = words_of(there)
    there.until(lambda: words_of(there) != seen)

    desk = there.hands()
    there.press(choose.stop_there_button)
    desk.sign_in()
    assert "stop what is running at the other computer" in there.answer(QMessageBox.StandardButton.Yes)
    hands.until(lambda: hands.middle.status.text() == "Paused")
    there.until(choose.buttons[Action.RESUME].isEnabled)
    assert "Paused" in words_of(there)
    assert not choose.stop_there_button.isVisible()
    run = there.program.practice.opened.product.queries.latest_run("consent-migration")
    assert (run.status, run.stop_reason) == (RunStatus.STOPPED, StopReason.USER)
    assert run.counts.unprocessed > 0
