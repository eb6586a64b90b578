"""A rehearsal is a copy of the list with a simulated Spine that knows it; the practice itself is not touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap import look_at_list, practice_database, practice_of_folder, prepare_rehearsal
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE
from app.cli.run_commands import press_and_watch
from app.config import Settings, load_settings
from app.domain.actions import Action
from app.domain.states import RunStatus
from app.engine.long_work import Cancelled, nobody_waits
from app.engine.operator import Press
from app.engine.practice import SpineKind
from tests.helpers import databases
from tests.helpers.giving_up import GivesUp
from tests.helpers.list_files import written


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A practice of three patients."""
    databases.prepare(tmp_path / "practice")
    made = load_settings(tmp_path / "practice", environment={})
    look_at_list(made, written(tmp_path / "lists"), update=False).named("The Surgery", "A12345").bring_in()
    return made


def rows(folder: Path) -> list[object]:
    with practice_database(load_settings(folder, environment={})) as files:
        return [*files.store.export_patients(), *files.store.export_entries(), *files.store.export_groups()]


def test_the_list_is_copied_and_the_practice_left_alone(settings):
    before = rows(settings.data_dir)
    target = prepare_rehearsal(settings)
    assert target == settings.data_dir / "rehearsal"
    assert rows(target) == before == rows(settings.data_dir)
    with practice_database(load_settings(target, environment={})) as copy, practice_database(settings) as own:
        assert (copy.database.info().name, copy.database.info().ods_code) == ("Rehearsal of The Surgery", "A12345")
        # Bound from the start: whatever address is set for this computer, a copy is never worked against a real Spine.
        assert copy.database.info().spine is SpineKind.SIMULATED
        assert own.database.info().spine is SpineKind.UNSET
    assert (target / "spine.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "nhs_number,has_scr,permission",
        "9990000018,no,",
        "9990000026,no,",
    ]


def test_a_second_rehearsal_has_a_folder_of_its_own(settings):
    assert prepare_rehearsal(settings).name == "rehearsal"
    assert prepare_rehearsal(settings).name == "rehearsal-2"


def test_it_brings_its_spine_and_can_be_run(settings):
    target = prepare_rehearsal(settings)
    with practice_of_folder(target) as product:
        product.prove(nobody_waits)
        assert product.simulated
        product.reader.insert(DEMONSTRATION_CARD)
        product.reader.sign_in(DEMONSTRATION_PASSCODE)
        view = press_and_watch(product, Press(product.family.key, Action.RUN))
    assert view.status is RunStatus.COMPLETED
    assert view.counts.sent == 1
    with practice_database(settings) as own:
        assert own.database.info().spine is SpineKind.UNSET
        assert own.queries.latest_run("consent-migration") is None


def test_given_up_anywhere_it_leaves_no_copy(settings, tmp_path):
    whole = GivesUp()
    prepare_rehearsal(settings, progress=whole)
    for at in range(1, len(whole.words) + 1):
        with pytest.raises(Cancelled):
            prepare_rehearsal(settings, progress=GivesUp(at))
        assert not (settings.data_dir / "rehearsal-2" / "practice.db").exists()
