"""Opening practices for the window, in a worker's thread: everything heavy is loaded here, and only here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.bootstrap import Product, demonstration_product, practice_of_folder
from app.config import load_settings
from app.engine.long_work import Progress


@dataclass(frozen=True, slots=True)
class OpenedPractice:
    """A practice that is open. `own_spine` says that its simulated Spine came with it; `close` takes a moment."""

    folder: Path
    product: Product
    own_spine: bool
    close: Callable[[], None]


def open_folder(folder: Path, progress: Progress) -> OpenedPractice:
    """Open the practice of a folder. Raises what `practice_of_folder` does, and `Cancelled`."""
    return _opened(folder, practice_of_folder(folder), progress)


def open_demonstration(folder: Path, patients: int | None, progress: Progress) -> OpenedPractice:
    """Open the demonstration of a folder, made where missing. Raises what `demonstration_product` does."""
    product = demonstration_product(folder, patients, check=False, progress=progress)
    return _opened(folder, product, progress)


def _opened(folder: Path, context: AbstractContextManager[Product], progress: Progress) -> OpenedPractice:
    progress("Opening the practice")
    with ExitStack() as stack:
        product = stack.enter_context(context)
        # Given up meanwhile: then it is closed again here.
        progress("Opening the practice")
        own_spine = product.settings.spine_url != load_settings(folder).spine_url
        return OpenedPractice(folder, product, own_spine, stack.pop_all().close)
