"""Damaged answers over real HTTP: none is ever read as "no dissent", and none breaks the client.

The judge below shares no code with the client. Each failing case prints its seed. A soak tries a hundred times as many.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.decision import NO_SUMMARY as NO_SUMMARY_TOLD
from app.domain.decision import Permission, SpineConsent, Summary
from app.engine.spine_port import AnswerKind, SpineAnswer
from tests.helpers.raw_server import Peer, RawServer, http, raw_server
from tests.helpers.soak import size
from tests.helpers.spine_answers import (
    ACCESS_TEXT,
    ANOTHER_NUMBER,
    DISSENT_TEXT,
    DUPLICATE_TEXT,
    NHS_NUMBER,
    NO_SUMMARY,
    UNKNOWN_NUMBER_TEXT,
    as_bytes,
    gateway_error,
    service_error,
    summary,
)
from tests.integration.spine.conftest import read, write

BODIES = 2_000
WHOLE_ANSWERS = 400
SEED = 20261102
LOTS = range(size(1, 100))
"""Each lot goes on with the seeds where the one before it ended, so that several workers can share a soak."""

ORIGINALS: list[tuple[str, Any]] = [
    ("200 OK", summary("Ask")),
    ("200 OK", summary("Yes")),
    ("200 OK", summary("No")),
    ("200 OK", NO_SUMMARY),
    ("403 Forbidden", service_error(DISSENT_TEXT, "forbidden")),
    ("403 Forbidden", service_error(ACCESS_TEXT, "forbidden")),
    ("400 Bad Request", service_error(UNKNOWN_NUMBER_TEXT)),
    ("400 Bad Request", service_error(DUPLICATE_TEXT)),
    ("500 Internal Server Error", gateway_error("UNKNOWN_ERROR", "Unknown Error")),
    ("400 Bad Request", gateway_error("INVALID_VALUE", "Provided value is invalid", "nhsd-session-urid is invalid")),
]
JUNK: list[Any] = [None, True, 0, 1, 2, -1, 1.5, "", "No", "Ask", "x", [], {}, [[]], {"": {}}, ANOTHER_NUMBER]
TOKENS = [
    b"NaN",
    b"null",
    b"{}",
    b"[]",
    b'"total": 0,',
    b'"total": 1,',
    b",",
    b"}",
    b"]",
    b"\\",
    b'"',
    b"\xff",
    b"\x00",
]


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys, from the outside in."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from places(node[key])


def restructured(document: Any, dice: random.Random) -> bytes:
    """The document with one to three of its nodes taken out, doubled, swapped or made something else."""
    document = json.loads(json.dumps(document))
    for _ in range(dice.randint(1, 3)):
        spots = list(places(document))
        if not spots:
            break
        node, key = dice.choice(spots)
        match dice.randrange(4):
            case 0:
                del node[key]
            case 1:
                node[key] = dice.choice(JUNK)
            case 2:
                other, other_key = dice.choice(spots)
                node[key] = json.loads(json.dumps(other[other_key])) if other_key in keys_of(other) else None
            case _ if isinstance(node, list):
                node.append(node[key])
            case _:
                node[f"{key}X"] = node.pop(key)
    return json.dumps(document).encode()


def keys_of(node: Any) -> Any:
    return node if isinstance(node, dict) else range(len(node))


def scrambled(body: bytes, dice: random.Random) -> bytes:
    """The bytes with one to four damages: flipped, cut, doubled, filled in."""
    data = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.randint(1, 40))
        match dice.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                del data[at:end]
            case 2:
                data[at:at] = data[at:end]
            case 3:
                data[at:at] = dice.choice(TOKENS)
            case 4:
                del data[at:]
            case _:
                data[at:end] = dice.randbytes(end - at)
    return bytes(data)


def seen_by_the_judge(status: int, body: bytes) -> SpineConsent | None:
    """What a careful person would take from this body, None for nothing; written without a look at the client."""
    try:
        document = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if status != 200 or not isinstance(document, dict):
        return None
    if document.get("total") == 0 and not document.get("entry"):
        return NO_SUMMARY_TOLD
    if document.get("total") != 1:
        return None
    kinds = [entry["resource"]["resourceType"] for entry in document["entry"]]
    if sorted(kinds) != ["DocumentReference", "Patient"]:
        return None
    resources = dict(zip(kinds, (entry["resource"] for entry in document["entry"]), strict=True))
    numbers = [
        found["value"] for found in resources["Patient"]["identifier"] if "nhs-number" in found.get("system", "")
    ]
    if numbers != [NHS_NUMBER]:
        return None
    labels = json.dumps(resources["DocumentReference"]["securityLabel"])
    codes = [code for code in Permission if f'"code": "{code}"' in labels]
    if labels.count("SCR-ACSPermission") != 1 or len(codes) != 1:
        return None
    return SpineConsent(Summary.YES, codes[0])


def check_read(answer: SpineAnswer, status: int, body: bytes, case: str) -> None:
    """A consent is only ever read from an answer in which the judge sees the same."""
    assert (answer.consent is not None) == (answer.kind is AnswerKind.CONSENT), case
    if answer.consent is None:
        return
    if status == 403:
        assert answer.consent.permission is Permission.NO, case
        assert b"30418" in body, case
        return
    try:
        seen = seen_by_the_judge(status, body)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        seen = None
    assert answer.consent == seen, case


class Mutants:
    """Gives each request the answer of the moment; `hangs_up` after it, so that nobody waits for what is missing."""

    def __init__(self) -> None:
        self.answer = b""
        self.hangs_up = False

    def script(self, peer: Peer) -> None:
        while peer.receive():
            peer.send(self.answer)
            if self.hangs_up:
                return


@pytest.fixture
def mutants() -> Iterator[tuple[Mutants, RawServer]]:
    made = Mutants()
    with raw_server(made.script) as server:
        yield made, server


@pytest.mark.parametrize("lot", LOTS)
def test_damaged_bodies_are_never_read_as_no_dissent(connect, mutants, lot):
    made, server = mutants
    connection = connect(server.url, deadline=30)
    consents = 0
    for number in range(lot * BODIES, (lot + 1) * BODIES):
        dice = random.Random(SEED + number)
        status, document = ORIGINALS[number % len(ORIGINALS)]
        damage = restructured if dice.random() < 0.5 else scrambled
        body = damage(document, dice) if damage is restructured else scrambled(as_bytes(document), dice)
        made.answer = http(status, body)
        answer = read(connection, NHS_NUMBER)
        check_read(answer, int(status[:3]), body, f"seed {SEED + number}: {status} {body!r}")
        consents += answer.consent is not None
    # Some damages leave the answer whole; if none did, nothing would have been tried.
    assert 0 < consents < BODIES / 2


SURE = {
    AnswerKind.ACCEPTED: "201",
    AnswerKind.REJECTED: "400",
    AnswerKind.ACCESS_REFUSED: "403",
    AnswerKind.NOT_AUTHORISED: "40[03]",
    AnswerKind.UNAUTHENTICATED: "401",
    AnswerKind.THROTTLED: "429",
    AnswerKind.CONFIGURATION: "3[0-9][0-9]|40[045]|41[35]",
}
"""What may be taken for certain of a message, and the status that the first line must then have."""


def test_what_is_not_damaged_is_read(connect, mutants):
    made, server = mutants
    connection = connect(server.url)
    for status, document in ORIGINALS[:5]:  # those that tell of a consent
        made.answer = http(status, as_bytes(document))
        check_read(read(connection, NHS_NUMBER), int(status[:3]), as_bytes(document), status)
        assert read(connection, NHS_NUMBER).kind is AnswerKind.CONSENT


@pytest.mark.parametrize("lot", LOTS)
def test_damaged_answers_to_a_write_are_never_taken_for_accepted(connect, mutants, lot):
    made, server = mutants
    made.hangs_up = True
    accepted = 0
    for number in range(lot * WHOLE_ANSWERS, (lot + 1) * WHOLE_ANSWERS):
        dice = random.Random(SEED + number)
        status, document = dice.choice([("201 Created", {}), *ORIGINALS])
        made.answer = scrambled(http(status, as_bytes(document)), dice)
        answer = write(connect(server.url, deadline=30), NHS_NUMBER)
        case = f"seed {SEED + number}: {made.answer!r} {answer}"
        assert answer.kind in AnswerKind, case
        assert answer.consent is None, case
        accepted += answer.kind is AnswerKind.ACCEPTED
        if answer.kind is not AnswerKind.UNKNOWN:
            first_line = made.answer.split(b"\n")[0].decode("latin-1")
            assert re.search(rf"\b({SURE[answer.kind]})\b", first_line), case
    assert 0 < accepted < WHOLE_ANSWERS
