"""The readers of what comes from outside, against anything at all: they answer or refuse, and never stumble."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.simulator.call import read_call
from app.simulator.fault_document import read_fault_script
from app.simulator.fields import FieldsInvalid
from app.simulator.options import FHIR_PATH
from app.simulator.set_permission import BeyondTheService, PermissionRequest, RuleBroken, read_permission_request
from tests.integration.simulator.caller import SYSTEM

KEYS = st.sampled_from(
    [
        "resourceType", "parameter", "part", "name", "valueString", "valueCoding", "valueInteger", "system", "code",
        "_name", "id", "rules", "action", "status", "seed", "dedup", "answer", "nth", "retry_after", "headers",
    ]
)  # fmt: skip
WORDS = st.sampled_from(["Parameters", "setPermissions", "nhsNumber", "permissionCode", SYSTEM, "No", "ask", ""])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
CODINGS = st.fixed_dictionaries({}, optional={"system": WORDS, "code": WORDS, "display": DOCUMENTS})
PARTS = st.fixed_dictionaries(
    {"name": WORDS}, optional={"valueString": WORDS, "valueCoding": CODINGS, "valueInteger": st.integers()}
)
OUTER = st.fixed_dictionaries({"name": WORDS, "part": st.lists(PARTS, max_size=4)})
PARAMETERS = st.fixed_dictionaries(
    {"resourceType": st.just("Parameters")}, optional={"parameter": st.lists(OUTER, max_size=2)}
)


@given(DOCUMENTS | PARAMETERS)
def test_permission_bodies(document: Any) -> None:
    body = json.dumps(document).encode()
    with suppress(RuleBroken, BeyondTheService):
        request = read_permission_request(body)
        assert isinstance(request, PermissionRequest)
        assert request.permission in {"Yes", "No", "Ask"}
        assert request.nhs_number


@given(st.binary(max_size=60) | DOCUMENTS.map(lambda document: json.dumps(document).encode()))
def test_whoever_a_body_names(body: bytes) -> None:
    call = read_call("POST", f"{FHIR_PATH}/$setPermission", {}, {}, body)
    assert all(value is None or (isinstance(value, str) and value) for value in (call.nhs_number, call.permission))


@given(DOCUMENTS | st.fixed_dictionaries({"rules": st.lists(st.dictionaries(KEYS, DOCUMENTS, max_size=4), max_size=2)}))
def test_fault_documents(document: Any) -> None:
    with suppress(FieldsInvalid):
        read_fault_script(json.dumps(document).encode())
