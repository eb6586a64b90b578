"""Reading error answers of both shapes, and making their text fit to keep and show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.spine.operation_outcome import LONGEST_TEXT, read_error, safe_text
from tests.helpers import spine_answers as spine
from tests.helpers.spine_answers import NHS_NUMBER, as_bytes, gateway_error, service_error


def test_the_shape_of_the_service():
    told = read_error(as_bytes(service_error(spine.UNKNOWN_NUMBER_TEXT)))
    assert told.understood
    assert told.codes == {"400", "35160"}
    assert told.spine_code == "35160"
    assert told.text == spine.UNKNOWN_NUMBER_TEXT


def test_the_shape_of_the_gateway():
    told = read_error(as_bytes(gateway_error("ACCESS_DENIED", "Access Token expired", "Sign in again")))
    assert told.understood
    assert told.spine_code == "ACCESS_DENIED"
    assert told.text == "Access Token expired; Sign in again"


def test_every_issue_is_read():
    document = service_error(spine.ACCESS_TEXT)
    document["issue"] += service_error("Code: 30418, Display: [PSIS-30418]")["issue"]
    assert read_error(as_bytes(document)).codes == {"420", "30418"}


@pytest.mark.parametrize(
    "body",
    [b"", b"Not found", b"[]", b'{"fault": {"faultstring": "x"}}', b'{"resourceType": "OperationOutcome"}',
     b'{"resourceType": "OperationOutcome", "issue": []}', b'{"resourceType": "OperationOutcome", "issue": [1]}',
     b'{"resourceType": "OperationOutcome", "issue": {}}', b"\xff\xfe"],
)  # fmt: skip
def test_anything_else_carries_no_code(body):
    told = read_error(body)
    assert not told.understood
    assert not told.codes
    assert not told.about_role
    assert not told.about_set_up


def test_whose_fault_it_is():
    """The gateway's own errors are about the role or the application, and never about a patient."""
    role = read_error(as_bytes(gateway_error("INVALID_VALUE", "Provided value is invalid")))
    assert (role.about_role, role.about_set_up) == (True, False)
    application = read_error(as_bytes(gateway_error("UNKNOWN_ERROR", "Unknown Error")))
    assert (application.about_role, application.about_set_up) == (False, True)
    patient = read_error(as_bytes(service_error(spine.UNKNOWN_NUMBER_TEXT)))
    assert (patient.about_role, patient.about_set_up) == (False, False)
    # Where the Spine itself has said something, that counts.
    both = gateway_error("UNKNOWN_ERROR", "Unknown Error", spine.UNKNOWN_NUMBER_TEXT)
    assert not read_error(as_bytes(both)).about_set_up


@pytest.mark.parametrize("value", [None, 1, [], {}, "", " "])
def test_fields_of_the_wrong_kind_say_nothing(value):
    for issue in (
        {"details": value},
        {"details": {"text": value}},
        {"details": {"coding": value}},
        {"details": {"coding": [value]}},
        {"details": {"coding": [{"code": value, "display": value}]}},
        {"diagnostics": value},
    ):
        told = read_error(as_bytes({"resourceType": "OperationOutcome", "issue": [issue]}))
        assert (told.codes, told.text, told.spine_code) == (frozenset(), "", "")


def test_text_that_is_no_error_of_ours_is_kept_for_the_details():
    assert read_error(b"<h1>503  Service\r\nTemporarily Unavailable</h1>").text == (
        "<h1>503 Service Temporarily Unavailable</h1>"
    )


@pytest.mark.parametrize(
    "written",
    [
        NHS_NUMBER,
        "999 000 0018",
        "999-000-0018",
        "x9990000018x",
        "555910000101",
        "٩٩٩٠٠٠٠٠١٨",
        "99900\u200b00018",
        "999\u00ad0000018",
        "999\u202f000\u202f0018",
    ],
)
def test_numbers_that_could_be_a_patients_are_taken_out(written):
    shown = safe_text(f"Patient {written} is not known")
    assert shown == f"Patient {'x' if written[0] == 'x' else ''}[number]{'x' if written[0] == 'x' else ''} is not known"


def test_control_characters_are_escaped():
    assert safe_text("a\x1b[31mb\x00c\x07") == r"a\x1b[31mb\x00c\x07"
    assert safe_text("a\r\nforged line") == "a forged line"
    assert safe_text("a\u202eb\u2066c") == "abc"
    assert safe_text("\ud800") == r"\ud800"


def test_text_is_cut():
    assert len(safe_text("word " * 1000)) == LONGEST_TEXT
    assert len(safe_text("\x01" * 1000)) == LONGEST_TEXT


@given(st.text(), st.sampled_from([NHS_NUMBER, "999 000 0018"]), st.text())
def test_whatever_stands_around_a_number_it_is_taken_out(before, number, after):
    shown = safe_text(before + number + after)
    assert len(shown) <= LONGEST_TEXT
    assert shown.isprintable() or not shown
    assert NHS_NUMBER not in shown.replace(" ", "").replace("-", "")


@given(st.binary())
def test_no_body_breaks_the_reader(body):
    told = read_error(body)
    assert not told.understood
    assert len(told.text) <= LONGEST_TEXT
