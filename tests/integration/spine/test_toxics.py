"""Eight ways for a network to spoil an answer, at the question and at the message, in the head and in the body.

The real client over real sockets (faults page, rows 10 and 11, and section 1). However it goes, the exchange has ended
a second after its deadline, it was made once, and what it is taken for follows from the bytes that came. Each case is
tried mildly, so that the whole answer arrives in time, and harshly. A soak draws twenty times as many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest

from app.domain.decision import DISSENT_REFUSAL, Permission, SpineConsent, Summary
from app.domain.decision import NO_SUMMARY as NO_SUMMARY_TOLD
from app.engine.spine_port import AnswerKind
from tests.helpers.raw_server import Peer, http, raw_server
from tests.helpers.soak import size
from tests.helpers.spine_answers import DISSENT_TEXT, NO_SUMMARY, as_bytes, service_error, summary
from tests.integration.spine.conftest import DEADLINE, read, write

K = AnswerKind
GRACE = 1.0
PLENTY = 30.0
"""A deadline that a mild case never meets, however busy the machine."""

SEEDS = range(size(1, 20))
NEVER = 60.0
MORE = ("Connection: close", "X-Padding: " + "p" * 400)
"""The head has to be long enough to be slow in."""

READ_ANSWERS = [
    (http("200 OK", as_bytes(NO_SUMMARY), *MORE), NO_SUMMARY_TOLD),
    (http("200 OK", as_bytes(summary("Ask")), *MORE), SpineConsent(Summary.YES, Permission.ASK)),
    (http("200 OK", as_bytes(summary("No")), *MORE), SpineConsent(Summary.YES, Permission.NO)),
    (http("403 Forbidden", as_bytes(service_error(DISSENT_TEXT, "forbidden")), *MORE), DISSENT_REFUSAL),
]
ACCEPTED = http("201 Created", as_bytes(service_error("informational", "informational")) + b" " * 400, *MORE)


@dataclass(frozen=True)
class Toxin:
    """What is done to an answer: pieces with the seconds before each, then what becomes of the connection.

    `whole` says whether the client has the whole answer in the end; otherwise it has `seen` bytes of it.
    """

    pieces: list[tuple[float, bytes]]
    then: str = "close"
    whole: bool = True
    seen: int = 0

    def script(self, peer: Peer) -> None:
        """Take one request, and answer it in this way."""
        if not peer.receive():
            return
        for seconds, data in self.pieces:
            if seconds and not peer.pause(seconds):
                return
            peer.send(data)
        if self.then == "hold":
            peer.hold()
        elif self.then == "reset":
            peer.reset()
        elif self.then == "close soon":
            peer.pause(0.1)


Toxic = Callable[[bytes, int, Random, bool], Toxin]
"""Makes a toxin for an answer that strikes at this byte, harsh or mild."""


def latency(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """One long delay."""
    delay = NEVER if harsh else dice.uniform(0.02, 0.1)
    return Toxin([(0, answer[:at]), (delay, answer[at:])], whole=not harsh, seen=at)


def jitter(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """Delays of any length between pieces of any size; harshly they add up to much more than the deadline."""
    pieces = [(0.0, answer[:at])]
    largest, longest = (2, 0.3) if harsh else (200, 0.02)
    for piece in sliced(answer[at:], dice, largest):
        pieces.append((dice.uniform(longest / 3, longest), piece))
    return Toxin(pieces, whole=not harsh, seen=at)


def bandwidth(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """So many bytes a second and no more: 10 harshly, some thousands mildly."""
    step = 1 if harsh else dice.randint(40, 200)
    rest = [answer[start : start + step] for start in range(at, len(answer), step)]
    return Toxin([(0, answer[:at]), *((0.1 if harsh else 0.01, piece) for piece in rest)], whole=not harsh, seen=at)


def slow_close(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """Everything is sent, but the connection is not closed. It matters only where closing is the answer's end."""
    head, body = answer.split(b"\r\n\r\n", 1)
    in_body = at > len(head) + 4
    if not in_body:
        return Toxin([(0, answer)], then="hold" if harsh else "close soon")
    without_length = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length"))
    whole = without_length + b"\r\n\r\n" + body
    return Toxin([(0, whole)], then="hold" if harsh else "close soon", whole=not harsh, seen=len(whole))


def timeout(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """Nothing more is let through; mildly the connection is closed after a while, harshly never."""
    return Toxin([(0, answer[:at])], then="hold" if harsh else "close soon", whole=False, seen=at)


def slicer(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """Everything arrives, in slices of a few bytes, harshly in single ones."""
    rest = sliced(answer[at:], dice, 1 if harsh else 16)
    return Toxin([(0, answer[:at]), *((0.0 if dice.random() < 0.9 else 0.001, piece) for piece in rest)])


def limit_data(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """The connection is closed after so many bytes, mildly with a pause before it."""
    return Toxin([(0, answer[:at])], then="close" if harsh else "close soon", whole=False, seen=at)


def reset_peer(answer: bytes, at: int, dice: Random, harsh: bool) -> Toxin:
    """The connection is reset, which may overtake bytes that were on their way."""
    before = [(0.0, answer[:at])] if at else []
    return Toxin([*before, (0.0 if harsh else 0.05, b"")], then="reset", whole=False, seen=at)


TOXICS: list[Toxic] = [latency, jitter, bandwidth, slow_close, timeout, slicer, limit_data, reset_peer]


def sliced(data: bytes, dice: Random, largest: int) -> Iterator[bytes]:
    """The data in pieces of 1 to so many bytes."""
    start = 0
    while start < len(data):
        end = start + dice.randint(1, largest)
        yield data[start:end]
        start = end


def place_in(answer: bytes, where: str, dice: Random) -> int:
    """A byte of the head or of the body, with enough after it to be slow in.

    In the head it is either near its beginning, where the status line is not yet whole, or behind that line.
    """
    head_ends = answer.index(b"\r\n\r\n") + 4
    if where == "body":
        return dice.randint(head_ends + 1, len(answer) - 30)
    status_ends = answer.index(b"\r\n") + 2
    return dice.choice([dice.randint(0, 8), dice.randint(status_ends, head_ends - 30)])


def kinds_of(toxin: Toxin, toxic: Toxic, answer: bytes, call: str) -> set[AnswerKind]:
    """What the exchange may be taken for: by section 1 of the page, from the bytes that came."""
    if call == "GET":
        return {K.CONSENT} if toxin.whole else {K.UNAVAILABLE}
    status_seen = toxin.whole or toxin.seen >= answer.index(b"\r\n") + 2
    if status_seen and toxic is reset_peer:
        return {K.ACCEPTED, K.UNKNOWN}
    return {K.ACCEPTED} if status_seen else {K.UNKNOWN}


@pytest.mark.fault_row(10, 11)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("where", ["header", "body"])
@pytest.mark.parametrize("call", ["GET", "POST"])
@pytest.mark.parametrize("toxic", TOXICS, ids=lambda toxic: toxic.__name__)
def test_a_spoiled_answer_is_taken_for_what_it_is_and_ends_in_time(connect, toxic, call, where, seed):
    for harsh in (False, True):
        dice = Random(f"{toxic.__name__} {call} {where} {harsh} {seed}")
        answer, consent = dice.choice(READ_ANSWERS) if call == "GET" else (ACCEPTED, None)
        toxin = toxic(answer, place_in(answer, where, dice), dice, harsh)
        deadline = DEADLINE if harsh and not toxin.whole else PLENTY
        scripts = iter([toxin.script, clean(answer)])
        with raw_server(lambda peer, scripts=scripts: next(scripts)(peer)) as server:
            connection = connect(server.url, deadline=deadline)
            began = time.monotonic()
            got = read(connection) if call == "GET" else write(connection)
            seconds = time.monotonic() - began
            case = f"seed {seed}, {'harsh' if harsh else 'mild'}, struck at byte {toxin.seen}: {got}"
            assert got.kind in kinds_of(toxin, toxic, answer, call), case
            assert got.consent == (consent if got.kind is K.CONSENT else None), case
            assert seconds < deadline + GRACE, case
            assert len(server.requests) == 1, "nothing is repeated by itself"
            # What is left of it is never taken for the next answer.
            again = read(connection) if call == "GET" else write(connection)
            assert (again.kind, again.consent) == ((K.CONSENT, consent) if call == "GET" else (K.ACCEPTED, None)), case
            assert server.connections == 2


def clean(answer: bytes) -> Callable[[Peer], None]:
    """A script that answers once, as a sound network would."""

    def script(peer: Peer) -> None:
        if peer.receive():
            peer.send(answer)

    return script
