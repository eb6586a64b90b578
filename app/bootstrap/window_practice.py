"""The practice of a folder as a person at the window opens it: a demonstration brings its simulated Spine along, and so
does a rehearsal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bootstrap.demonstration import SPINE_FILE, practice_with_its_spine
from app.bootstrap.place import has_its_own_spine
from app.bootstrap.product import Product, open_product
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
        practice_with_its_spine(folder, check=False)
        if _brings_its_spine(settings)
        else open_product(settings, check=False)
    )
    with opened as product:
        yield product


def _brings_its_spine(settings: Settings) -> bool:
    """Whether a simulated Spine is to be started for this practice.

    Only where what such a Spine knows lies beside it, as for a demonstration and a rehearsal, and nobody has set an
    address. One that stands at the usual place already goes before a new one, which would know nothing of what was
    sent to it. A practice that is shared never has one.
    """
    if settings.spine_url or not (settings.data_dir / SPINE_FILE).exists():
        return False
    if has_its_own_spine(settings.data_dir):
        return True
    was_moved = settings.database_url and not settings.database_file.exists()
    return not was_moved and not is_simulated(Addresses(DEFAULT_PORT).spine)
