"""A practice that a server keeps, opened from a workstation: what cannot be, and why, in words without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.bootstrap import create_demonstration, look_at_list, practice_database, practice_of_folder
from app.config import Settings, change_config_file, load_settings
from app.domain.errors import DatabaseAway, DatabaseDamaged, DatabaseUnusable, NoPractice, NoSpine, Refused
from app.storage.postgres.address import SCHEMA
from app.storage.schema import CURRENT
from tests.helpers import databases
from tests.helpers.list_files import written
from tests.helpers.postgres import Server
from tests.helpers.simulator import running_simulator

SECRET = "cattle-9-battery"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of this test's own, that may be stopped."""
    databases.server()
    own = Server()
    yield own
    own.close()


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    """A folder that names an empty database of the server."""
    return settings_for(tmp_path / "practice", server.url(server.new_database()))


def settings_for(folder: Path, url: str) -> Settings:
    folder.mkdir(exist_ok=True)
    change_config_file(folder, {"DATABASE_URL": url})
    return load_settings(folder, environment={})


def why_not_opened(settings: Settings) -> DatabaseUnusable:
    with pytest.raises(DatabaseUnusable) as found, practice_database(settings):
        raise AssertionError("nothing is there to be opened")
    assert SECRET not in str(found.value)
    assert not isinstance(found.value, DatabaseDamaged), "no backup of this computer may take its place"
    return found.value


def test_an_empty_database_is_told_as_one_and_takes_a_list(settings, tmp_path):
    why = why_not_opened(settings)
    assert isinstance(why, NoPractice)
    assert "There is no practice in the database test_1 on this computer yet." in str(why)
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    with practice_database(settings) as opened:
        assert opened.store.patient_count() == 3


def test_a_server_out_of_reach_is_told_as_something_that_passes(server, settings, tmp_path):
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    server.stop()
    why = why_not_opened(settings)
    assert isinstance(why, DatabaseAway)
    assert "cannot be reached" in str(why)
    server.start()
    with practice_database(settings) as opened:
        assert opened.store.patient_count() == 3


@pytest.mark.parametrize(
    ("user", "database", "words"),
    [
        ("warden:wrong-{secret}", "test_1", "did not let this program in"),
        ("warden", "test_1", "did not let this program in"),
        ("nobody_known:{secret}", "test_1", "did not let this program in"),
        ("warden:{secret}", "nothing", "does not have the database"),
    ],
    ids=["wrong password", "no password", "unknown user", "no such database"],
)
def test_a_server_that_lets_nobody_in_is_told_as_that(server, tmp_path, user, database, words):
    server.new_database()
    server.require_password("warden", SECRET)
    why = why_not_opened(
        settings_for(tmp_path / "p", f"postgresql://{user.format(secret=SECRET)}@127.0.0.1:{server.port}/{database}")
    )
    assert words in str(why)
    assert not isinstance(why, DatabaseAway)


def test_a_certificate_that_cannot_be_checked_is_told_as_that(server, tmp_path):
    server.new_database()
    why = why_not_opened(settings_for(tmp_path / "p", f"{server.url('test_1')}?sslmode=require"))
    assert "could not be made safe" in str(why)


def test_a_practice_of_a_newer_version_is_refused_with_both_versions(server, settings, tmp_path):
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    with closing(server.admin("test_1")) as connection:
        connection.execute(f"UPDATE {SCHEMA}.alembic_version SET version_num = '{CURRENT.number + 1:04d}'")
    why = why_not_opened(settings)
    assert f"schema {CURRENT.number + 1}; this program knows schema {CURRENT.number}" in str(why)


def test_a_shared_practice_never_brings_a_spine_of_its_own(settings, tmp_path, monkeypatch):
    """What a demonstration left beside its settings is no demonstration any more once it was moved."""
    look_at_list(settings, written(tmp_path / "lists"), update=False).bring_in()
    (settings.data_dir / "spine.csv").write_text("nhs_number,has_scr,permission\n", encoding="utf-8")
    with running_simulator() as ended:
        port = ended.port
    for module in ("window_practice", "spine_choice"):
        monkeypatch.setattr(f"app.bootstrap.{module}.DEFAULT_PORT", port)
    with pytest.raises(NoSpine), practice_of_folder(settings.data_dir):
        raise AssertionError("a practice that is shared has no Spine unless one is named")


def test_a_demonstration_is_a_file_also_where_the_environment_names_a_server(server, tmp_path):
    url = server.url(server.new_database())
    demo = load_settings(tmp_path / "demo", environment={"SCR_BULK_DATABASE_URL": url})
    create_demonstration(demo, 20, seed=1)
    assert demo.database_file.exists()
    assert isinstance(why_not_opened(settings_for(tmp_path / "practice", url)), NoPractice)


def test_a_demonstration_is_never_made_in_the_folder_of_a_shared_practice(settings):
    with pytest.raises(Refused, match="folder of its own"):
        create_demonstration(settings, 20, seed=1)
    assert not settings.database_file.exists()
    assert isinstance(why_not_opened(settings), NoPractice)
