"""Previews without a Spine, and how a run came out against the preview that was taken of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.bootstrap.practice_files import practice_database
from app.bootstrap.preview import from_records, previewer
from app.bootstrap.product import Product, operator_settings
from app.clock import Clock, SystemClock
from app.config import Settings
from app.engine.press import PressCheck
from app.engine.preview import Depth, Previewer
from app.engine.preview_compare import Comparison, compare_and_mark, why_not_comparable


@contextmanager
def previews_of_records(settings: Settings, clock: Clock | None = None) -> Iterator[Previewer]:
    """Previews from the records of a practice alone: no Spine is looked for, and nobody signs in.

    Raises as `practice_database` does.
    """
    clock = clock or SystemClock()
    with practice_database(settings, clock) as files:
        possible = PressCheck(files.queries, files.lock, scr_enabled=settings.scr_enabled)
        wanted = operator_settings(settings, headless=True)
        means = {Depth.RECORDS: from_records(possible, clock, wanted)}
        previews = previewer(files.database, means, clock, wanted)
        try:
            yield previews
        finally:
            previews.forget()


def compared_with_latest(product: Product) -> Comparison | None:
    """How the latest run came out against the preview that is there; None where that says nothing about it.

    Raises `StorageFault`.
    """
    preview, run = product.previews.current, product.queries.latest_run(product.family.key)
    if preview is None or run is None or why_not_comparable(preview, run) is not None:
        return None
    return compare_and_mark(preview, product.previews.copy(), run, product.outcomes)
