"""The practice of a folder as a person at the window opens it: a demonstration brings its simulated Spine along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bootstrap.demonstration import demonstration_with_its_spine, has_its_own_spine
from app.bootstrap.product import Product, open_product, practice_database
from app.config import Settings, load_settings
from app.simulator.options import DEFAULT_PORT, Addresses
from app.spine.probe import is_simulated


@contextmanager
def practice_of_folder(folder: Path) -> Iterator[Product]:
    """The practice of this folder, closed at the end; `Product.prove` is still to be asked.

    Raises `SettingsError`, `DatabaseUnusable`, and `Refused` where there is no practice, or no Spine to work against.
    """
    settings = load_settings(folder)
    opened = (
        demonstration_with_its_spine(folder, check=False)
        if _brings_its_spine(settings)
        else open_product(settings, check=False)
    )
    with opened as product:
        yield product


def _brings_its_spine(settings: Settings) -> bool:
    """Whether a simulated Spine is to be started for this practice.

    Only for a demonstration to which nobody has given an address; one that stands at the usual place already goes
    before a new one, which would know nothing of what was sent to it.
    """
    if settings.spine_url:
        return False
    with practice_database(settings, check=False) as files:
        if not files.database.info().demonstration:
            return False
    return has_its_own_spine(settings.data_dir) or not is_simulated(Addresses(DEFAULT_PORT).spine)
