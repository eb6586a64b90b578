"""Ids of messages: random UUIDs, none twice, whoever asks."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

from app.engine.fresh_ids import fresh_id

EACH = 1_000
"""More than are fetched from the system at once."""


def test_an_id_is_a_random_uuid():
    made = uuid.UUID(fresh_id())
    assert (made.version, made.variant) == (4, uuid.RFC_4122)


def test_no_id_is_given_twice_to_whichever_thread():
    with ThreadPoolExecutor(4) as threads:
        given = [made for some in threads.map(lambda _: [fresh_id() for _ in range(EACH)], range(4)) for made in some]
    assert len(set(given)) == 4 * EACH
