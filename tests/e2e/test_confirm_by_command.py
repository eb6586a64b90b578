"""Confirm dissents by command: read back from a simulated Spine over HTTP, and a dissent that somebody else lifted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.program import Finished, Program, ended, started, wait_until
from tests.helpers.simulator import running_simulator


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Path]:
    folder = tmp_path_factory.mktemp("confirm")
    program = Program(folder / "practice")
    program.make_demonstration(300, seed=5)
    return program, folder


def confirm(program: Program, *more: str) -> Finished:
    return program("confirm-dissents", *program.pressing("")[1:-1], *more)


def test_dissents_are_read_back_with_questions_only_and_one_that_is_gone_is_told_first(practice):
    program, folder = practice
    with running_simulator("--rate", "0", load=folder / "practice" / "spine.csv") as spine:
        program.spine = spine
        assert program.press("run").code == 0
        before = len(spine.history())
        done = confirm(program, "--json")
        assert done.code == 0, done.err
        told = json.loads(done.out)
        asked = [one for one in spine.history()[before:] if "oauth2" not in one["path"]]
        assert {one["method"] for one in asked} == {"GET"}
        asked = [one for one in asked if one["nhs_number"]]
        assert len({one["nhs_number"] for one in asked}) == len(asked) == told["dissents"] > 0
        assert told["counts"]["still_no"] == told["dissents"]
        assert told["not_on_spine"] == []
        made = program("certificate", "--json").result
        assert sum(one["patients"] for one in made["outcomes"]) == made["active"]
        assert made["read_back"]["still_no"] == told["dissents"] == made["dissents"]["on_spine"]
        state = spine.state()
    lifted = asked[0]["nhs_number"]
    state[lifted] = True, "Ask"
    lines = [f"{number},{'yes' if has_scr else 'no'},{held}" for number, (has_scr, held) in state.items()]
    changed = folder / "changed.csv"
    changed.write_text("\n".join(["nhs_number,has_scr,permission", *lines, ""]), encoding="utf-8")
    with running_simulator("--rate", "0", load=changed) as spine:
        program.spine = spine
        done = confirm(program)
        assert done.code == 0
        lines = done.out.splitlines()
        assert lines[0] == "1 dissent is NOT on the Spine."
        assert "press Rerun with that group" in done.out
        assert lines[-1].endswith(": the Spine says Ask")
        assert lifted not in done.out + done.err
        # The card is taken out while it goes on: what was found until then is told all the same, without the patient.
        process = started(
            program,
            "",
            {"SCR_BULK_REQUESTS_PER_SECOND": "4"},
            program.command("confirm-dissents", *program.pressing("")[1:-1]),
        )
        before = len(spine.history())
        wait_until(lambda: any(one["nhs_number"] == lifted for one in spine.history()[before:]), process)
        spine.remove_card()
        cut = ended(process)
        assert cut.code == 3, cut.err
        assert cut.out.splitlines()[0] == "1 dissent is NOT on the Spine."
        assert "worklist show dissent-not-sent" in cut.out
        assert "the Spine says Ask" not in cut.out
