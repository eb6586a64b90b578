"""Reading JSON without benefit of the doubt: whatever has two meanings, or none, is not understood.

Nothing here knows what the documents are about.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

LARGEST_BODY = 1024 * 1024
"""Bytes of an answer that are looked at; a longer one is not understood."""


class NotUnderstood(Exception):
    """An answer is not what was asked for; the text says why, in words of our own, never the answer's."""


def read_object(body: bytes) -> dict[str, Any]:
    """The one JSON object in a body of UTF-8 text. Raises `NotUnderstood`.

    Refused beside malformed text: a name given twice in one object, NaN and the infinities, nesting or numbers
    beyond reason.
    """
    if len(body) > LARGEST_BODY:
        raise NotUnderstood("larger than 1 MB")
    try:
        document = json.loads(body.decode(), object_pairs_hook=_unambiguous, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NotUnderstood("not JSON") from None
    if not isinstance(document, dict):
        raise NotUnderstood("not a JSON object")
    return document


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise NotUnderstood("a name is given twice")
    return document


def _refuse_constant(_: str) -> NoReturn:
    raise NotUnderstood("a number that is none")
