"""Which requests a scripted fault strikes, that the same script strikes the same ones, and documents that are wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.helpers.simulator import SimulatorProcess
from tests.integration.simulator.caller import Caller, made_up_numbers

STRUCK = {"status": 418}


@pytest.fixture
def patients(fresh_numbers: Iterator[str]) -> list[str]:
    return [next(fresh_numbers) for _ in range(3)]


def struck(caller: Caller, numbers: list[str]) -> list[bool]:
    return [caller.read(number).status_code == 418 for number in numbers]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, [True, True, True, True, True, True]),
        ({"nth": 2}, [False, True, False, False, False, False]),
        ({"nth": [1, 4]}, [True, False, False, True, False, False]),
        ({"first": 2}, [True, True, False, False, False, False]),
        ({"every": 3}, [False, False, True, False, False, True]),
        ({"times": 2}, [True, True, False, False, False, False]),
        ({"every": 2, "times": 2}, [False, True, False, True, False, False]),
        ({"first": 5, "times": 1}, [True, False, False, False, False, False]),
        ({"probability": 0}, [False] * 6),
        ({"probability": 1}, [True] * 6),
        ({"method": "POST"}, [False] * 6),
    ],
)
def test_counting(caller: Caller, patient: str, condition: dict[str, Any], expected: list[bool]) -> None:
    caller.spine.put_faults({"operation": "read", **condition, "action": STRUCK})
    assert struck(caller, [patient] * 6) == expected
    [rule] = caller.spine.faults()["rules"]
    assert rule["fired"] == sum(expected)
    assert rule["matched"] == (0 if "method" in condition else 6)


def test_only_the_patients_named(caller: Caller, patients: list[str]) -> None:
    caller.spine.put_faults({"nhs_number": patients[1], "action": STRUCK})
    assert struck(caller, patients) == [False, True, False]
    caller.spine.put_faults({"nhs_number": patients[:2], "action": STRUCK})
    assert struck(caller, patients) == [True, True, False]


def test_counting_each_patient_apart(caller: Caller, patients: list[str]) -> None:
    first, second, _ = patients
    caller.spine.put_faults({"per_patient": True, "nth": 2, "action": STRUCK})
    assert struck(caller, [first, second, first, second, first]) == [False, False, True, True, False]


def test_operations(caller: Caller, patient: str) -> None:
    spine = caller.spine

    def statuses() -> list[int]:
        card = {"uid": "910000000001", "passcode": "123456"}
        return [
            caller.read(patient).status_code,
            caller.write(patient, "Yes").status_code,
            spine.http.post(f"{spine.auth}/simulated-smartcard", json=card, timeout=30).status_code,
            spine.http.post(f"{spine.auth}/token", data={}, timeout=30).status_code,
            spine.http.get(f"{spine.auth}/userinfo", timeout=30).status_code,
        ]

    usual = statuses()
    for place, operation in enumerate(["read", "write", "signin", "token"]):
        spine.put_faults({"operation": operation, "action": STRUCK})
        assert statuses() == [*usual[:place], 418, *usual[place + 1 :]]
    spine.put_faults({"operation": ["read", "token"], "action": STRUCK})
    assert statuses() == [418, usual[1], usual[2], 418, usual[4]]
    spine.put_faults({"operation": "any", "action": STRUCK})
    assert statuses() == [418] * 5


def test_the_first_rule_that_strikes_wins_and_every_rule_counts(caller: Caller, patient: str) -> None:
    caller.spine.put_faults(
        {"nth": 2, "action": STRUCK},
        {"nth": [1, 2, 3], "action": {"status": 503}},
    )
    assert [caller.read(patient).status_code for _ in range(4)] == [503, 418, 503, 200]
    assert [(rule["matched"], rule["fired"]) for rule in caller.spine.faults()["rules"]] == [(4, 1), (4, 2)]


def test_clearing_and_replacing(caller: Caller, patient: str) -> None:
    caller.spine.put_faults({"first": 1, "action": STRUCK})
    assert struck(caller, [patient] * 2) == [True, False]
    caller.spine.put_faults({"first": 1, "action": STRUCK})
    assert struck(caller, [patient] * 2) == [True, False]
    caller.spine.put_faults({"action": STRUCK}, seed=9)
    assert caller.spine.faults()["seed"] == 9
    caller.spine.clear_faults()
    assert struck(caller, [patient]) == [False]
    assert caller.spine.faults() == {"rules": []}


def test_the_same_seed_strikes_the_same_requests_in_any_order_of_patients(caller: Caller) -> None:
    numbers = made_up_numbers(500_000, 12)

    def strikes(seed: int, shuffled: Callable[[list[str]], None]) -> dict[str, list[bool]]:
        caller.spine.put_faults({"operation": "read", "probability": 0.4, "action": STRUCK}, seed=seed)
        order = numbers * 10
        shuffled(order)
        seen: dict[str, list[bool]] = {number: [] for number in numbers}
        for number in order:
            seen[number] += struck(caller, [number])
        return seen

    first = strikes(7, lambda _: None)
    assert strikes(7, random.Random(1).shuffle) == first
    assert strikes(8, lambda _: None) != first
    total = sum(sum(flags) for flags in first.values())
    assert 24 < total < 72
    assert len({tuple(flags) for flags in first.values()}) > 6


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("[]", "faults: must be an object"),
        ("{", "not JSON"),
        ({"rule": []}, "faults.rule: is not known"),
        ({"rules": {}}, "faults.rules: must be a list"),
        ({"rules": [7]}, "faults.rules[0]: must be an object"),
        ({"rules": [{}]}, "faults.rules[0].action: say what is to happen"),
        ({"rules": [{"action": {}}]}, "say what is to happen"),
        ({"rules": [{"action": 3}]}, "faults.rules[0].action: must be an object"),
        ({"seed": "x"}, "faults.seed: must be a whole number"),
        ({"dedup": {"request_id": 1}}, "faults.dedup.request_id: must be true or false"),
        ({"dedup": {"id": True}}, "faults.dedup.id: is not known"),
        ({"too_many_requests_body": "html"}, "must be one of catch_all, pds"),
        ({"operation": "reed"}, "operation: must be one of any, read, write, token, signin"),
        ({"operation": []}, "operation: must not be empty"),
        ({"nhs_number": 9990000018}, "nhs_number: must be a text"),
        ({"nth": 0}, "nth: must be 1 or more"),
        ({"nth": True}, "nth: must be a whole number"),
        ({"nth": 1, "first": 1}, "first: cannot stand beside nth"),
        ({"every": 1.5}, "every: must be a whole number"),
        ({"probability": 1.1}, "probability: must be from 0 to 1"),
        ({"times": -1}, "times: must be 1 or more"),
        ({"when": "now"}, "when: is not known"),
        ({"action": {"answer": "teapot"}}, "answer: must be one of 500,"),
        ({"action": {"answer": "500", "status": 500}}, "status: cannot stand beside answer"),
        ({"action": {"answer": "500", "body": "x"}}, "body: belongs beside a status"),
        ({"action": {"status": 99}}, "status: must be from 200 to 599"),
        ({"action": {"status": 200, "reason": "a\r\nb"}}, "reason: must be a text of printable ASCII"),
        ({"action": {"status": 200, "headers": {"a": 1}}}, "headers: must be a text of printable ASCII"),
        ({"action": {"status": 200, "headers": []}}, "headers: must be an object"),
        ({"action": {"status": 429, "retry_after": [1]}}, "retry_after: must be a text"),
        ({"action": {"status": 429, "retry_after": {"seconds": 1}}}, "retry_after: as an object"),
        ({"action": {"retry_after": 1}}, "retry_after: belongs beside an answer or a status"),
        ({"action": {"apply": True}}, "apply: belongs beside an answer or a status"),
        ({"action": {"delay_seconds": -1}}, "delay_seconds: must not be negative"),
        ({"action": {"delay_seconds": "1"}}, "delay_seconds: must be a number"),
        ({"action": {"reset_before": False}}, "reset_before: can only be true"),
        ({"action": {"reset_before": True, "reset_after": True}}, "reset_after: cannot stand beside reset_before"),
        ({"action": {"reset_after": True, "status": 500}}, "status: cannot stand beside reset_after"),
        ({"action": {"reset_before": True, "apply_late_seconds": 1}}, "cannot stand beside reset_before"),
        ({"action": {"slow_body": 1, "truncated": True}}, "cannot stand beside truncated"),
        ({"action": {"status": 200, "headers": {"a b": "c"}}}, "headers: must be the name of a header"),
        ({"action": {"status": 200, "body": "\ud800"}}, "body: "),
        ({"action": {"status": 429, "retry_after": {"date_in_seconds": 1e300}}}, "retry_after: must be within"),
        ({"action": {"apply_late_seconds": 1e300}}, "apply_late_seconds: must be within"),
        ({"action": {"explode": True}}, "explode: is not known"),
    ],
)
def test_documents_that_are_wrong(spine: SimulatorProcess, document: Any, words: str) -> None:
    spine.put_faults({"action": STRUCK})
    if isinstance(document, dict) and set(document) & {
        "operation", "nhs_number", "nth", "every", "probability", "times", "when", "action",
    }:  # fmt: skip
        document = {"rules": [{"action": STRUCK, **document}]}
    body = document if isinstance(document, str) else json.dumps(document)
    answer = spine.http.put(f"{spine.simulation}/faults", data=body, timeout=30)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    # What was in force before still is.
    assert len(spine.faults()["rules"]) == 1
