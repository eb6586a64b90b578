"""The program itself, without a window: a whole Run of the practice in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.bootstrap import open_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE
from app.bootstrap.product import Product
from app.config import load_settings
from app.domain.actions import CONSENT_MIGRATION, Action
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.ports import RunView
from app.engine.progress import ProgressBoard
from tests.benchmarks.contenders.loops import SENDERS


@contextmanager
def signed_in_at(place: Path, spine: str, auth: str, per_second: str = "0") -> Iterator[Product]:
    """The program on a folder's practice, the demonstration's card in the reader; `per_second` 0 is without a limit."""
    flags = {"SPINE_URL": spine, "AUTH_URL": auth, "REQUESTS_PER_SECOND": per_second, "CONCURRENCY": str(SENDERS)}
    with open_product(load_settings(place, flags, {})) as product:
        product.reader.insert(DEMONSTRATION_CARD)
        product.reader.sign_in(DEMONSTRATION_PASSCODE)
        yield product


def press(product: Product, action: Action, board: ProgressBoard | None = None) -> RunView:
    """Press an action of the Consent Migration and wait for its end."""
    return product.operator.execute(Press(CONSENT_MIGRATION.key, action), StopToken(), board or ProgressBoard())
