"""The JSON document that scripts faults: its keys, and what is wrong with one that cannot be used.

    {"seed": 7,
     "dedup": {"request_id": false, "correlation_id": false},
     "too_many_requests_body": "catch_all",
     "rules": [{"operation": "write", "nhs_number": ["9990000018"], "nth": 1, "times": 1,
                "action": {"reset_after": true}}]}

A rule: `operation` (read, write, token, signin, any; or a list), `method`, `nhs_number` (one or a list), `per_patient`,
one of `nth` (one or a list), `first`, `every`; `probability`, `times`, `for_seconds` (of the machine's time, from when
the script was put). An action: `delay_seconds`; one answer, by
`answer` (a name) or `status` with `body`, `content_type`, `reason`; `headers`, `retry_after` (anything, or
`{"date_in_seconds": n}`), `apply` (carry the request out all the same); or one of `reset_before`, `reset_after`,
`truncated`, `slow_headers`, `slow_body` (seconds between pieces of `slow_bytes`), `apply_late_seconds`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from app.simulator.answer import JSON, Answer
from app.simulator.call import Operation
from app.simulator.fault_answers import BY_STATUS, READY_MADE, FaultAnswer, FaultContext
from app.simulator.fault_rules import Action, Delivery, Match, Rule
from app.simulator.fields import (
    Fields,
    FieldsInvalid,
    anything,
    count,
    header_name,
    header_text,
    objects,
    one_of,
    one_or_more,
    probability,
    seconds,
    text,
    true_or_false,
    whole,
    within_years,
)

_ANY = "any"
_NAMED_OPERATIONS = [str(operation) for operation in Operation if operation is not Operation.OTHER]
_DELIVERIES = {
    "truncated": Delivery.TRUNCATED,
    "slow_headers": Delivery.SLOW_HEADERS,
    "slow_body": Delivery.SLOW_BODY,
}
_RESETS = ("reset_before", "reset_after")
_BESIDE_STATUS = ("body", "content_type", "reason")
_BESIDE_ANSWER = ("headers", "retry_after", "apply")
_FIRST_STATUS, _LAST_STATUS = 200, 599


@dataclass(frozen=True, slots=True)
class FaultScript:
    """What a document asks for."""

    rules: tuple[Rule, ...] = ()
    skip_repeated_request: bool = False
    refuse_repeated_message: bool = False
    too_many_requests_as_on_pds: bool = False


def read_fault_script(body: bytes) -> FaultScript:
    """The script a document holds; raises FieldsInvalid."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FieldsInvalid(f"The faults are not JSON: {error}.") from error
    fields = Fields(document, "faults")
    seed = fields.take("seed", whole, 0)
    dedup = Fields(fields.take("dedup", anything, {}), "faults.dedup")
    script = FaultScript(
        rules=tuple(
            _read_rule(Fields(rule, f"faults.rules[{index}]"), f"{seed}/{index}")
            for index, rule in enumerate(fields.take("rules", objects, []))
        ),
        skip_repeated_request=dedup.take("request_id", true_or_false, False),
        refuse_repeated_message=dedup.take("correlation_id", true_or_false, False),
        too_many_requests_as_on_pds=fields.take("too_many_requests_body", one_of("catch_all", "pds"), "catch_all")
        == "pds",
    )
    dedup.refuse_the_rest()
    fields.refuse_the_rest()
    return script


def _read_rule(fields: Fields, seed: str) -> Rule:
    fields.at_most_one("nth", "first", "every")
    operations = fields.take("operation", one_or_more(one_of(_ANY, *_NAMED_OPERATIONS)), frozenset({_ANY}))
    match = Match(
        operations=frozenset(Operation) if _ANY in operations else frozenset(map(Operation, operations)),
        method=fields.take("method", text, None),
        nhs_numbers=fields.take("nhs_number", one_or_more(text), None),
        nth=fields.take("nth", one_or_more(count), None),
        first=fields.take("first", count, None),
        every=fields.take("every", count, None),
        probability=fields.take("probability", probability, None),
        per_patient=fields.take("per_patient", true_or_false, False),
    )
    times = fields.take("times", count, None)
    lasts = fields.take("for_seconds", seconds, None)
    action = _read_action(Fields(fields.take("action", anything, {}), f"{fields.place}.action"))
    fields.refuse_the_rest()
    return Rule(match, action, times, seed, lasts)


def _read_action(fields: Fields) -> Action:
    fields.at_most_one(*_RESETS, *_DELIVERIES)
    fields.at_most_one(*_RESETS, "apply_late_seconds")
    fields.at_most_one(*_RESETS, "answer", "status")
    delay = fields.take("delay_seconds", seconds, 0.0)
    late = fields.take("apply_late_seconds", seconds, None)
    answer, handles = _read_answer(fields)
    delivery, interval = _read_delivery(fields)
    for reset in _RESETS:
        if fields.take(reset, _only_true, False):
            delivery, handles = Delivery.LOST, reset == "reset_after"
    if late is not None:
        handles = True
        if answer is None and delivery is Delivery.WHOLE:
            delivery = Delivery.LOST
    action = Action(
        delay_seconds=delay,
        handles=handles,
        answer=answer,
        late_seconds=late,
        delivery=delivery,
        interval_seconds=interval,
        chunk_bytes=fields.take("slow_bytes", count, 1),
    )
    fields.refuse_the_rest()
    if action == Action():
        raise FieldsInvalid(f"{fields.place}: say what is to happen.")
    return action


def _read_delivery(fields: Fields) -> tuple[Delivery, float]:
    """How the answer goes out, and the seconds between its pieces."""
    for name, delivery in _DELIVERIES.items():
        if name in fields:
            slow = delivery is not Delivery.TRUNCATED
            return delivery, float(fields.take(name, seconds if slow else _only_true, 0.0))
    return Delivery.WHOLE, 0.0


def _read_answer(fields: Fields) -> tuple[FaultAnswer | None, bool]:
    """The answer given in place of the usual one, if any, and whether the request is carried out all the same."""
    fields.at_most_one("answer", "status")
    named = fields.take("answer", one_of(*READY_MADE), None)
    status = fields.take("status", _status, None)
    details = {name: fields.take(name, anything, None) for name in _BESIDE_STATUS if name in fields}
    if details and status is None:
        raise fields.refusal(next(iter(details)), "belongs beside a status")
    if named is None and status is None:
        for name in _BESIDE_ANSWER:
            if name in fields:
                raise fields.refusal(name, "belongs beside an answer or a status")
        return None, True
    headers = fields.take("headers", _headers, {})
    retry_after = fields.take("retry_after", _retry_after, None)
    applies = fields.take("apply", true_or_false, False)
    base = READY_MADE[named] if named else _of_status(status or 0, fields)

    def build(context: FaultContext) -> Answer:
        added = {} if retry_after is None else {"Retry-After": _retry_after_text(retry_after, context)}
        return base(context).with_headers({**headers, **added})

    return build, applies


def _of_status(status: int, fields: Fields) -> FaultAnswer:
    """A literal answer, or the contract's own for a status given without a body."""
    if status in BY_STATUS and not any(name in fields for name in _BESIDE_STATUS):
        return READY_MADE[BY_STATUS[status]]
    answer = Answer(
        status,
        fields.take("body", _body, b""),
        fields.take("content_type", header_text, JSON if "body" in fields else None),
        reason=fields.take("reason", header_text, None),
    )
    return lambda _: answer


def _retry_after_text(value: Any, context: FaultContext) -> str:
    if isinstance(value, dict):
        return format_datetime(context.now + timedelta(seconds=value["date_in_seconds"]), usegmt=True)
    return str(value)


def _status(value: Any) -> int:
    if not _FIRST_STATUS <= whole(value) <= _LAST_STATUS:
        raise ValueError(f"must be from {_FIRST_STATUS} to {_LAST_STATUS}")
    return int(value)


def _only_true(value: Any) -> bool:
    if value is not True:
        raise ValueError("can only be true")
    return True


def _body(value: Any) -> bytes:
    """A text as it is, anything else as JSON."""
    return (value if isinstance(value, str) else json.dumps(value)).encode()


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("must be an object of header names and texts")  # noqa: TRY004
    return {header_name(name): header_text(content) for name, content in value.items()}


def _retry_after(value: Any) -> Any:
    """A number or text as it is to be sent, or `{"date_in_seconds": n}` for an HTTP date."""
    if isinstance(value, dict):
        if set(value) != {"date_in_seconds"}:
            raise ValueError("as an object must hold date_in_seconds alone")
        within_years(value["date_in_seconds"])
    elif not isinstance(value, (int, float)):
        header_text(value)
    return value
