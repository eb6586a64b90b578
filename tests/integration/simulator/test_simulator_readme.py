"""What the README says about scripting faults is so: its example works, and its names are those that are known."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from app.simulator.fault_answers import READY_MADE
from app.simulator.fault_document import read_fault_script
from app.simulator.fields import FieldsInvalid
from tests.helpers.simulator import ROOT
from tests.integration.simulator.caller import Caller

SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("### Scripting faults")[1]
FIELDS = {
    table: sorted({name for row in rows.splitlines() for name in re.findall(r"`([a-z_]+)`", row.split("|")[1])})
    for table, rows in (
        ("rule", SECTION.split("| a rule's field |")[1].split("\n\n")[0].split("|---|---|\n")[1]),
        ("action", SECTION.split("| an action's field |")[1].split("\n\n")[0].split("|---|---|\n")[1]),
    )
}
NAMED = SECTION.split("Answers by name:")[1].split("\n\n")[0]


def example() -> dict[str, Any]:
    """The script of the example."""
    script: dict[str, Any] = json.loads(SECTION.split("-d '")[1].split("'\n```")[0])
    return script


@pytest.mark.parametrize("field", FIELDS["rule"])
def test_every_field_of_a_rule_is_known(field):
    refusal = refused({"rules": [{field: object_of_no_kind(), "action": {"answer": "500"}}]})
    assert field in refusal
    assert "is not known" not in refusal


@pytest.mark.parametrize("field", FIELDS["action"])
def test_every_field_of_an_action_is_known(field):
    refusal = refused({"rules": [{"action": {field: object_of_no_kind()}}]})
    assert field in refusal
    assert "is not known" not in refusal


def object_of_no_kind() -> list[Any]:
    """A value that no field takes."""
    return [[None]]


def refused(script: dict[str, Any]) -> str:
    with pytest.raises(FieldsInvalid) as caught:
        read_fault_script(json.dumps(script).encode())
    return str(caught.value)


def test_no_field_is_left_out():
    """The module that reads the document lists them all in its own words."""
    reader = (Path(ROOT) / "app" / "simulator" / "fault_document.py").read_text(encoding="utf-8")
    taken = set(re.findall(r'take\("([a-z_]+)"', reader)) | {"reset_before", "reset_after", "truncated"}
    taken |= {"slow_headers", "slow_body", "body", "content_type", "reason"}
    of_the_document = {"seed", "dedup", "rules", "action", "too_many_requests_body", "request_id", "correlation_id"}
    assert set(FIELDS["rule"]) | set(FIELDS["action"]) == taken - of_the_document
    assert all(f'"{name}"' in SECTION for name in of_the_document)


def test_every_answer_is_named():
    assert set(re.findall(r"`([a-z0-9_]+)`", NAMED)) == set(READY_MADE)


def test_the_example_does_what_is_said(caller: Caller, patient: str):
    script = example()
    lost, fast, page, _ = script["rules"]
    lost["nhs_number"] = patient
    caller.spine.put_faults(*script["rules"], seed=script["seed"])
    with pytest.raises(requests.ConnectionError):
        caller.write(patient)
    assert caller.spine.writes(patient)[-1]["applied"]
    with pytest.raises(requests.ConnectionError):
        caller.read(patient)
    # As after the minute.
    caller.spine.put_faults(fast, page, seed=script["seed"])
    answers = [caller.write(patient) for _ in range(20)]
    assert [answer.status_code for answer in answers] == [201] * 19 + [429]
    assert answers[-1].headers["Retry-After"] == "30"
    read = [caller.read(patient).status_code for _ in range(300)]
    assert set(read) == {403, 503}
    assert 1 <= read.count(503) <= 20
    rules = caller.spine.faults()["rules"]
    assert [rule["fired"] for rule in rules] == [1, read.count(503)]
