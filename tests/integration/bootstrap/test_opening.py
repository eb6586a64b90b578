"""A folder's practice opened for the window: checked late, its backups looked at, a demonstration with its Spine."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from app.bootstrap import create_demonstration, newest_backup, open_product, practice_database, practice_of_folder
from app.bootstrap.demonstration import practice_with_its_spine
from app.bootstrap.place import place_of
from app.config import Settings, change_config_file, load_settings
from app.domain.actions import Action
from app.domain.errors import DatabaseDamaged, Refused, StorageFault
from app.engine.control import StopToken
from app.engine.long_work import Cancelled, nobody_waits
from app.engine.ports import NewRun
from app.engine.practice import SpineKind
from app.engine.press import Press
from app.engine.progress import ProgressBoard
from app.storage.database import PracticeDatabase
from app.storage.migration_store import SqlMigrationStore
from tests.helpers import databases
from tests.helpers.clocks import ManualClock
from tests.helpers.giving_up import GivesUp
from tests.helpers.migration import FAMILY
from tests.helpers.practice import OPERATOR, ListOf, a_patient, damage_page_of, new_practice, number
from tests.helpers.raw_server import Peer, Script, http, raw_server
from tests.helpers.simulator import running_simulator


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A practice of one patient that is nobody's demonstration."""
    database = new_practice(tmp_path / "data", ListOf([a_patient("A", number(0))]))
    database.close()
    databases.name_place(tmp_path / "data", database.place)
    return tmp_path / "data"


@pytest.fixture
def nobody_there(monkeypatch) -> None:
    """No simulated Spine stands at the usual place."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    for module in ("window_practice", "spine_choice"):
        monkeypatch.setattr(f"app.bootstrap.{module}.DEFAULT_PORT", port)


def settings_of(folder: Path, **flags: str) -> Settings:
    return load_settings(folder, flags, environment={})


@pytest.mark.fault_row(27)
def test_a_practice_opened_for_a_window_is_checked_afterwards(folder):
    database = PracticeDatabase.open(place_of(settings_of(folder)), clock=ManualClock())
    store = SqlMigrationStore(database)
    run = store.begin_run(NewRun(FAMILY, None), OPERATOR, database.clock.now())
    with running_simulator("--rate", "0") as spine:
        settings = settings_of(folder, SPINE_URL=spine.spine, AUTH_URL=spine.auth)
        with open_product(settings, check=False) as product:
            with pytest.raises(StorageFault, match="being checked"):
                product.operator.recover(FAMILY)
            with pytest.raises(Cancelled):
                product.prove(GivesUp(1))
            product.prove(nobody_waits)
            assert product.operator.recover(FAMILY) is False
            assert product.queries.latest_run(FAMILY).run_id == run
    database.close()


@pytest.mark.sqlite_only
@pytest.mark.fault_row(27)
def test_damage_is_found_by_the_check_and_never_written_into(folder):
    damage_page_of(folder / "practice.db", "audit_event")
    before = (folder / "practice.db").read_bytes()
    with running_simulator("--rate", "0") as spine:
        settings = settings_of(folder, SPINE_URL=spine.spine, AUTH_URL=spine.auth)
        with open_product(settings, check=False) as product, pytest.raises(DatabaseDamaged):
            product.prove(nobody_waits)
    assert (folder / "practice.db").read_bytes() == before


@pytest.mark.sqlite_only
def test_the_newest_backup_that_is_whole_is_offered(folder):
    clock = ManualClock(datetime(2026, 11, 20, 22, 4, tzinfo=UTC))
    database = PracticeDatabase.open(folder / "practice.db", clock=clock)
    settings = settings_of(folder)
    assert newest_backup(settings) is None
    oldest = database.back_up(database.backups)
    clock.advance(3600)
    automatic = database.back_up(database.backups, automatic=True)
    clock.advance(3600)
    newest = database.back_up(database.backups)
    database.close()
    os.utime(oldest)
    found = newest_backup(settings)
    assert (found.path, found.made_at) == (newest, datetime(2026, 11, 21, 0, 4, tzinfo=UTC))
    damage_page_of(newest, "patient")
    assert newest_backup(settings).path == automatic
    automatic.write_bytes(b"nothing")
    assert newest_backup(settings).path == oldest
    oldest.unlink()
    assert newest_backup(settings) is None
    with pytest.raises(Cancelled):
        newest_backup(settings, GivesUp(1))


def test_a_demonstration_brings_its_spine_and_remembers_with_it(tmp_path, nobody_there):
    folder = tmp_path / "demo"
    create_demonstration(settings_of(folder), 40, seed=5)
    with practice_of_folder(folder) as product:
        assert product.simulated
        assert product.loop.per_second == 20
        assert product.practice.demonstration
        label, port = product.spine_label, product.settings.spine_url
    assert label == "simulated"
    assert (folder / "simulated-spine.db").exists()
    with practice_of_folder(folder) as again:
        assert again.settings.spine_url != port or again.simulated


def test_a_simulated_spine_at_the_usual_place_goes_before_a_new_one(tmp_path, monkeypatch):
    folder = tmp_path / "demo"
    create_demonstration(settings_of(folder), 40, seed=5)
    with running_simulator("--rate", "0", load=folder / "spine.csv") as spine:
        for module in ("window_practice", "spine_choice"):
            monkeypatch.setattr(f"app.bootstrap.{module}.DEFAULT_PORT", spine.port)
        with practice_of_folder(folder) as product:
            assert product.simulated
        assert not (folder / "simulated-spine.db").exists()
        with practice_with_its_spine(folder):
            pass
        assert (folder / "simulated-spine.db").exists()
        asked = len(spine.history())
        with practice_of_folder(folder):
            pass
        assert len(spine.history()) == asked, "what its own Spine remembers goes before the one at the usual place"


def test_a_practice_of_its_own_needs_a_spine_that_somebody_named(folder, nobody_there):
    with pytest.raises(Refused, match="No Spine address is set"), practice_of_folder(folder):
        raise AssertionError("nothing to work against")


def test_an_address_that_was_set_is_kept_to(folder):
    with running_simulator("--rate", "0") as spine:
        change_config_file(folder, {"SPINE_URL": spine.spine})
        with practice_of_folder(folder) as product:
            assert product.settings.spine_url == spine.spine


@pytest.fixture
def no_simulation(monkeypatch) -> None:
    """No Spine that is looked at says of itself that it is simulated."""
    monkeypatch.setattr("app.bootstrap.spine_choice.is_simulated", lambda *_, **__: False)


def at(folder: Path, host: str, **flags: str) -> Settings:
    return settings_of(
        folder, SPINE_URL=f"https://{host}/summary-care-record/FHIR/R4", AUTH_URL=f"https://{host}/oauth2", **flags
    )


@pytest.mark.usefixtures("no_simulation")
@pytest.mark.parametrize(
    ("host", "label", "kind"),
    [
        ("int.api.service.nhs.uk", "NHS test environment", SpineKind.SIMULATED),
        ("ref.api.service.nhs.uk", "NHS test environment", SpineKind.SIMULATED),
        ("api.service.nhs.uk", "live", SpineKind.REAL),
    ],
)
def test_what_is_done_in_a_test_environment_never_counts_for_the_live_spine(folder, host, label, kind):
    with open_product(at(folder, host)) as product:
        assert product.spine_label == label
        assert not product.simulated, "no made-up cards are offered"
        product.operator._claim_spine()
    with practice_database(settings_of(folder)) as files:
        assert files.database.info().spine is kind
    other = "api.service.nhs.uk" if kind is SpineKind.SIMULATED else "int.api.service.nhs.uk"
    with pytest.raises(Refused, match="real Spine"), open_product(at(folder, other)) as product:
        product.operator._claim_spine()


@pytest.mark.usefixtures("no_simulation")
def test_no_setting_has_a_real_spine_read_back_while_it_may_still_apply_a_message(folder):
    with open_product(at(folder, "api.service.nhs.uk", SETTLE_SECONDS="0")) as product:
        assert product.loop.settle == 60.0
    with open_product(at(folder, "api.service.nhs.uk", SETTLE_SECONDS="75")) as product:
        assert product.loop.settle == 75.0


def a_real_service(offset: timedelta) -> Script:
    """Signs anybody in as an administrator, and says what time it is by a clock that is so far ahead of this one's."""
    roles = [{"person_roleid": "555001", "role_name": "System Administrator", "role_code": "R8000"}]
    roles[0]["activity_codes"] = ["B0062", "B0011", "B0020"]
    person = {"nhsid_useruid": "910000000001", "name": "Alison Marsh", "nhsid_nrbac_roles": roles}
    tokens = {
        "access_token": "one", "refresh_token": "two", "expires_in": "599", "refresh_token_expires_in": "35999",
    }  # fmt: skip

    def script(peer: Peer) -> None:
        while request := peer.receive():
            date = format_datetime(datetime.now(UTC) + offset, usegmt=True)
            body = person if b"userinfo" in request else tokens
            status = "404 Not Found" if b"healthcheck" in request else "200 OK"
            peer.send(http(status, json.dumps(body).encode(), f"Date: {date}"))

    return script


@pytest.mark.parametrize("offset", [timedelta(days=3), -timedelta(days=3)])
def test_nothing_is_pressed_on_a_computer_whose_date_is_wrong(folder, offset):
    """On one that is behind, a refusal of yesterday would be dated in the future, and count for nothing."""
    with raw_server(a_real_service(offset)) as service:
        settings = settings_of(folder, SPINE_URL=f"{service.url}/FHIR/R4", AUTH_URL=f"{service.url}/oauth2")
        with open_product(settings) as product:
            product.reader.insert("910000000001")
            product.reader.sign_in("123456")
            with pytest.raises(Refused, match="clock"):
                product.operator.execute(Press(FAMILY, Action.RUN), StopToken(), ProgressBoard())
            assert product.queries.latest_run(FAMILY) is None


def test_a_clock_that_is_some_minutes_out_keeps_nobody_from_working(folder):
    with raw_server(a_real_service(timedelta(minutes=50))) as service:
        settings = settings_of(folder, SPINE_URL=f"{service.url}/FHIR/R4", AUTH_URL=f"{service.url}/oauth2")
        with open_product(settings) as product:
            product.reader.insert("910000000001")
            product.reader.sign_in("123456")
            product.operator._claim_spine()
