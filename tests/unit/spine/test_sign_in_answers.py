"""The sign-in service's answers, read strictly."""

from __future__ import annotations

import pytest

from app.domain.session import Role
from app.spine.identity import Refusal, read_person, read_refusal, read_tokens
from app.spine.strict_json import NotUnderstood
from tests.helpers.spine_answers import as_bytes

TOKENS = {
    "access_token": "access-secret",
    "expires_in": "599",
    "refresh_token": "refresh-secret",
    "refresh_token_expires_in": "35999",
    "refresh_count": "0",
    "token_type": "Bearer",
}
ROLE = {
    "person_roleid": "555254240100",
    "role_name": '"Clinical":"Clinical Provision":"Nurse Access Role"',
    "role_code": "S8000:G8000:R8001",
    "activity_codes": ["B0062"],
}
PERSON = {"nhsid_useruid": "910000000001", "name": "Alison Marsh", "nhsid_nrbac_roles": [ROLE]}


def test_numbers_come_as_text_or_as_numbers():
    for seconds in ("599", 599):
        answer = read_tokens(as_bytes({**TOKENS, "expires_in": seconds}))
        assert (answer.access_seconds, answer.session_seconds) == (599.0, 35999.0)
        assert (answer.access_token, answer.refresh_token) == ("access-secret", "refresh-secret")


def test_tokens_and_names_are_not_shown():
    assert "secret" not in repr(read_tokens(as_bytes(TOKENS)))
    assert "Marsh" not in repr(read_person(as_bytes(PERSON)))


NEITHER = [None, "", " ", "a b", "a\r\nX-Injected: 1", [], {}, True, 1.5, "é"]
DAMAGED = [
    *((name, value) for name in TOKENS if name not in ("refresh_count", "token_type") for value in NEITHER),
    *((name, value) for name in ("expires_in", "refresh_token_expires_in") for value in ("-1", "1e9", "9" * 10, -1)),
]


@pytest.mark.parametrize(("name", "value"), DAMAGED)
def test_a_damaged_token_answer_is_not_understood(name, value):
    with pytest.raises(NotUnderstood) as told:
        read_tokens(as_bytes({**TOKENS, name: value}))
    assert "secret" not in str(told.value)


def test_a_person_and_the_role_as_cis2_names_it():
    person = read_person(as_bytes(PERSON))
    assert person.card_uid == "910000000001"
    assert person.name == "Alison Marsh"
    assert person.roles == (Role("555254240100", "Nurse Access Role", "S8000:G8000:R8001", frozenset({"B0062"})),)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("System Administrator", "System Administrator"),
        ('"Support":"Systems Support":"Systems Support Access Role"', "Systems Support Access Role"),
        ('"Primary Care Support England":"Systems Support Access Role"', "Systems Support Access Role"),
        ('"Receptionist"', "Receptionist"),
    ],
)
def test_the_names_of_roles(written, name):
    person = read_person(as_bytes({**PERSON, "nhsid_nrbac_roles": [{**ROLE, "role_name": written}]}))
    assert person.roles[0].name == name


def test_a_role_without_activities_has_none():
    role = {name: value for name, value in ROLE.items() if name != "activity_codes"}
    assert read_person(as_bytes({**PERSON, "nhsid_nrbac_roles": [role]})).roles[0].activity_codes == frozenset()


@pytest.mark.parametrize(
    "roles",
    [None, {}, "x", [None], ["x"], [{}], [{**ROLE, "person_roleid": "1\r\nX: y"}], [{**ROLE, "person_roleid": "٣"}],
     [{**ROLE, "role_name": None}], [{**ROLE, "activity_codes": "B0062"}], [{**ROLE, "activity_codes": [1]}]],
)  # fmt: skip
def test_damaged_roles_are_not_understood(roles):
    with pytest.raises(NotUnderstood):
        read_person(as_bytes({**PERSON, "nhsid_nrbac_roles": roles}))


def test_a_refusal_says_what_it_says():
    refused = {"error": "invalid_grant", "error_description": "refresh_token is invalid", "message_id": "1"}
    assert read_refusal(as_bytes(refused)) == Refusal("invalid_grant", "refresh_token is invalid")
    for body in (b"", b"<html>", b"[]", as_bytes({"error": 1, "error_description": None})):
        assert read_refusal(body) == Refusal("", "")
