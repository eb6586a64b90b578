"""No token and no passcode leaves the memory of the program, whatever befalls a session, and no name its database.

Everything that the program writes is searched: log, database, exceptions, and what its objects show of themselves.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.domain.actions import Action
from app.domain.errors import KnownError
from app.engine.simulation import Disturbance
from app.logs import LOG_FILE, set_up_logging
from app.spine import auth_service
from tests.helpers.practice import number
from tests.helpers.rehearsal import ALISON, HELEN, PASSCODE, PEOPLE, Rehearsal, spine_lines
from tests.helpers.simulator import running_simulator

WRONG = "zq-wrong-771"
NAMES = ("Alison", "Marsh", "Helen", "Whitfield", "Surname-", "Forename-")


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every token that the program is given."""
    seen: set[str] = set()
    read = auth_service.read_tokens

    def watched(body: bytes) -> Any:
        answer = read(body)
        seen.update({answer.access_token, answer.refresh_token})
        return answer

    monkeypatch.setattr(auth_service, "read_tokens", watched)
    return seen


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    numbers = {ref: number(ordinal) for ordinal, ref in enumerate(PEOPLE)}
    path = tmp_path / "spine.csv"
    path.write_text("".join(["nhs_number,has_scr,permission\n", *spine_lines(numbers)]), encoding="utf-8")
    with running_simulator("--rate", "0", load=path) as spine:
        made = Rehearsal(tmp_path / "practice", spine, numbers)
        yield made
        made.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The program's own log of the practice's folder, with everything in it that anybody has to say."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    folder = tmp_path / "practice"
    folder.mkdir(exist_ok=True)
    set_up_logging(folder)
    root.setLevel(logging.DEBUG)
    yield folder / LOG_FILE
    root.setLevel(level)
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()


def story(rehearsal: Rehearsal, faults: list[BaseException]) -> None:
    """A session's whole life, with everything that can go wrong in it."""

    def tried(call: Any, *arguments: Any) -> None:
        try:
            call(*arguments)
        except KnownError as fault:
            faults.append(fault)

    reader, controls = rehearsal.reader, rehearsal.controls
    for card in ("910000000099", "910000000004", ALISON):
        reader.insert(card)
        tried(reader.sign_in, WRONG)
    reader.insert(HELEN)
    tried(reader.sign_in, PASSCODE)
    tried(reader.choose_role, "555000000000")
    rehearsal.sign_in()
    rehearsal.places.happens, rehearsal.places.at = rehearsal.revoke, 20
    rehearsal.press()
    tried(rehearsal.press, Action.RESUME)
    rehearsal.sign_in()
    controls.disturb(Disturbance.FAILING, 300)
    tried(reader.sign_in, PASSCODE)
    controls.disturb(Disturbance.UNREACHABLE, 300)
    tried(reader.sign_in, PASSCODE)
    tried(reader.remove_card)
    controls.clear_disturbance()
    rehearsal.sign_in(HELEN)
    rehearsal.simulator.put_faults(
        {"operation": "token", "first": 1, "action": {"status": 200, "body": {"access_token": "x y"}}},
        {"operation": "read", "first": 1, "action": {"answer": "401_invalid"}},
    )
    rehearsal.places.happens, rehearsal.places.at = rehearsal.end_session, len(rehearsal.places.passed) + 12
    rehearsal.press(Action.RESUME)
    rehearsal.sign_in()
    rehearsal.press(Action.RESUME)
    reader.remove_card()


def test_tokens_and_passcodes_stay_in_memory_and_names_out_of_the_words(
    rehearsal: Rehearsal, tokens: set[str], log: Path, caplog: pytest.LogCaptureFixture
):
    faults: list[BaseException] = []
    with caplog.at_level(logging.DEBUG):
        story(rehearsal, faults)
        holders = (rehearsal.service, rehearsal.reader, rehearsal.spine, rehearsal.operator(), rehearsal.controls)
        shown = "".join(f"{holder!r} {vars(holder)!r}" for holder in holders)
    assert len(faults) >= 7
    assert len(tokens) >= 8
    told = "".join("".join(traceback.format_exception(fault)) + repr(vars(fault)) for fault in faults)
    rehearsal.database.back_up(rehearsal.database.backups.parent)
    written = b"".join(path.read_bytes() for path in rehearsal.database.backups.parent.rglob("*") if path.is_file())
    logged = log.read_text(encoding="utf-8")
    assert logged, "there is something to search"

    everywhere = told + shown + caplog.text + logged
    for secret in (*tokens, WRONG):
        assert secret not in everywhere
        assert secret.encode() not in written
    assert not re.search(rf"(?<!\d){PASSCODE}(?!\d)", everywhere)
    for private in (*NAMES, *rehearsal.numbers.values()):
        assert private not in told + shown + logged
