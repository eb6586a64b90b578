"""What an answer means: every row of the faults page, section 1, for the read and for the write.

Replies are made by hand here; the same rows come over real HTTP in the integration tests.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from requests.structures import CaseInsensitiveDict

from app.domain.decision import NO_SUMMARY, Permission, SpineConsent, Summary
from app.engine.spine_port import AnswerKind
from app.spine.classify import classify_read, classify_write
from app.spine.exchange import Reply, Trouble
from tests.helpers import spine_answers as spine
from tests.helpers.spine_answers import NHS_NUMBER, as_bytes, gateway_error, service_error, summary

NOW = datetime(2026, 11, 2, 18, 30, tzinfo=UTC)
HTML = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"


def told(text: str, status: int) -> Reply:
    return Reply(status, body=as_bytes(service_error(text)))


def coded(coding: str, status: int, diagnostics: str | None = None) -> Reply:
    return Reply(status, body=as_bytes(gateway_error(coding, "Display", diagnostics)))


def read(reply: Reply):
    return classify_read(reply, NHS_NUMBER, NOW)


def write(reply: Reply):
    return classify_write(reply, NOW)


K = AnswerKind

WRITES = [
    ("201 status line seen", Reply(201), K.ACCEPTED),
    ("201 with an OperationOutcome", told("informational", 201), K.ACCEPTED),
    ("201 and then the connection broke", Reply(201, trouble=Trouble.BROKEN), K.ACCEPTED),
    ("no connection, DNS, TLS before bytes", Reply(trouble=Trouble.NOT_CONNECTED), K.NO_CONNECTION),
    ("429", Reply(429), K.THROTTLED),
    ("429 cut off", Reply(429, trouble=Trouble.BROKEN), K.THROTTLED),
    ("401", coded("ACCESS_DENIED", 401), K.UNAUTHENTICATED),
    ("401 cut off", Reply(401, trouble=Trouble.BROKEN), K.UNAUTHENTICATED),
    *((f"{status}", Reply(status), K.CONFIGURATION) for status in (300, 301, 302, 303, 304, 307, 308, 399)),
    ("404", told("/x not found", 404), K.CONFIGURATION),
    ("404 about whatever", told("Not here", 404), K.CONFIGURATION),
    *((f"{status}", Reply(status), K.CONFIGURATION) for status in (405, 413, 415)),
    ("a certificate fault", Reply(trouble=Trouble.CERTIFICATE), K.CONFIGURATION),
    ("an address that cannot be used", Reply(trouble=Trouble.SET_UP), K.CONFIGURATION),
    ("400 naming the role", told(spine.ROLE_TEXT, 400), K.NOT_AUTHORISED),
    ("400 naming the URID", coded("INVALID_VALUE", 400, "nhsd-session-urid is invalid"), K.NOT_AUTHORISED),
    (
        "400 for the missing URID header",
        told("Required request header 'NHSD-Session-URID' for method parameter type String is not present", 400),
        K.NOT_AUTHORISED,
    ),
    ("400 for an application that is not set up", coded("UNKNOWN_ERROR", 400, "no ASID"), K.CONFIGURATION),
    ("400 with Spine duplicate code 401", told(spine.DUPLICATE_TEXT, 400), K.UNKNOWN),
    ("other 400: 35160", told(spine.UNKNOWN_NUMBER_TEXT, 400), K.REJECTED),
    ("other 400: 410", told("Code: 410, Display: Logical inconsistency", 400), K.REJECTED),
    ("other 400: 430", told("Code: 430, Display: Invalid update", 400), K.REJECTED),
    ("other 400: a rule of the service", told("Missing value for Parameter.Part 'nhsNumber'", 400), K.REJECTED),
    ("other 400: no OperationOutcome", Reply(400, body=HTML), K.REJECTED),
    ("400 cut off: perhaps a duplicate", Reply(400, trouble=Trouble.BROKEN), K.UNKNOWN),
    ("400 too large: perhaps a duplicate", Reply(400, trouble=Trouble.TOO_LARGE), K.UNKNOWN),
    ("403 with 30418", told(spine.DISSENT_TEXT, 403), K.UNKNOWN),
    ("403 with 420 and no 30418", told(spine.ACCESS_TEXT, 403), K.ACCESS_REFUSED),
    ("403 with neither", told(spine.NOT_ENABLED_TEXT, 403), K.NOT_AUTHORISED),
    ("403 with neither: no OperationOutcome", Reply(403, body=HTML), K.NOT_AUTHORISED),
    ("403 cut off: perhaps 30418", Reply(403, trouble=Trouble.BROKEN), K.UNKNOWN),
    ("500", coded("UNKNOWN_ERROR", 500), K.UNKNOWN),
    ("502", coded("UNKNOWN_ERROR", 502), K.UNKNOWN),
    ("503 as JSON", told("Code: 502, Display: Service not available", 503), K.UNKNOWN),
    ("503 as HTML", Reply(503, body=HTML), K.UNKNOWN),
    ("504", Reply(504), K.UNKNOWN),
    ("timeout, reset, EOF, deadline", Reply(trouble=Trouble.BROKEN), K.UNKNOWN),
    ("201 to another request", Reply(201, trouble=Trouble.ANOTHERS), K.UNKNOWN),
    ("401 to another request", Reply(401, trouble=Trouble.ANOTHERS), K.UNKNOWN),
    *((f"{status}: not listed", Reply(status), K.UNKNOWN) for status in (100, 103, 200, 202, 204, 206, 402, 406, 409)),
    *((f"{status}: not listed", Reply(status), K.UNKNOWN) for status in (408, 410, 418, 422, 451, 499, 599, 600, 999)),
]

READS = [
    ("no connection, DNS, TLS before bytes", Reply(trouble=Trouble.NOT_CONNECTED), K.NO_CONNECTION),
    ("429", Reply(429), K.THROTTLED),
    ("401", coded("ACCESS_DENIED", 401), K.UNAUTHENTICATED),
    *((f"{status}", Reply(status), K.CONFIGURATION) for status in (300, 301, 302, 303, 304, 307, 308, 399)),
    *((f"{status}", Reply(status), K.CONFIGURATION) for status in (405, 413, 415)),
    ("a certificate fault", Reply(trouble=Trouble.CERTIFICATE), K.CONFIGURATION),
    ("an address that cannot be used", Reply(trouble=Trouble.SET_UP), K.CONFIGURATION),
    ("400 naming the role", told(spine.ROLE_TEXT, 400), K.NOT_AUTHORISED),
    ("400 naming the URID", coded("INVALID_VALUE", 400, "selected_roleid is missing in your token"), K.NOT_AUTHORISED),
    ("400 for an application that is not set up", coded("UNKNOWN_ERROR", 400, "no ASID"), K.CONFIGURATION),
    ("400 with 35160", told(spine.UNKNOWN_NUMBER_TEXT, 400), K.REJECTED),
    ("404 about the patient", told("Code: 404, Display: Patient not found", 404), K.REJECTED),
    ("404 for a wrong path", told("/summary-care-record/FHIR/R4/DocumentReference not found", 404), K.CONFIGURATION),
    ("404 of another server", Reply(404, body=HTML), K.CONFIGURATION),
    ("404 without a body", Reply(404), K.CONFIGURATION),
    ("other 400", told("Invalid value - x in field 'patient'", 400), K.NOT_UNDERSTOOD),
    ("400 with Spine duplicate code 401", told(spine.DUPLICATE_TEXT, 400), K.NOT_UNDERSTOOD),
    ("400 without an OperationOutcome", Reply(400, body=HTML), K.NOT_UNDERSTOOD),
    ("403 with 420 and no 30418", told(spine.ACCESS_TEXT, 403), K.ACCESS_REFUSED),
    ("403 with neither", told(spine.NOT_ENABLED_TEXT, 403), K.NOT_AUTHORISED),
    ("403 with neither: no OperationOutcome", Reply(403, body=HTML), K.NOT_AUTHORISED),
    ("403 too large", Reply(403, trouble=Trouble.TOO_LARGE), K.NOT_UNDERSTOOD),
    ("500", coded("UNKNOWN_ERROR", 500), K.UNAVAILABLE),
    ("502", coded("UNKNOWN_ERROR", 502), K.UNAVAILABLE),
    ("503 as JSON", told("Code: 502, Display: Service not available", 503), K.UNAVAILABLE),
    ("503 as HTML", Reply(503, body=HTML), K.UNAVAILABLE),
    ("504", Reply(504), K.UNAVAILABLE),
    ("timeout, reset, EOF, deadline", Reply(trouble=Trouble.BROKEN), K.UNAVAILABLE),
    ("200 to another request", Reply(200, trouble=Trouble.ANOTHERS), K.NOT_UNDERSTOOD),
    ("403 to another request", Reply(403, trouble=Trouble.ANOTHERS), K.NOT_UNDERSTOOD),
    ("401 to another request", Reply(401, trouble=Trouble.ANOTHERS), K.NOT_UNDERSTOOD),
    ("200 cut off", Reply(200, trouble=Trouble.BROKEN), K.UNAVAILABLE),
    ("200 with HTML", Reply(200, body=HTML), K.NOT_UNDERSTOOD),
    ("200 without a body", Reply(200), K.NOT_UNDERSTOOD),
    ("200 too large", Reply(200, trouble=Trouble.TOO_LARGE), K.NOT_UNDERSTOOD),
    (
        "200 about another patient",
        Reply(200, body=as_bytes(summary(nhs_number=spine.ANOTHER_NUMBER))),
        K.NOT_UNDERSTOOD,
    ),
    *((f"{status}: not listed", Reply(status), K.NOT_UNDERSTOOD) for status in (100, 103, 201, 202, 204, 206, 402)),
    *((f"{status}: not listed", Reply(status), K.NOT_UNDERSTOOD) for status in (406, 408, 409, 410, 418, 422, 600)),
]


@pytest.mark.parametrize(("row", "reply", "kind"), WRITES, ids=[row for row, _, _ in WRITES])
def test_what_an_answer_to_the_write_means(row, reply, kind):
    answer = write(reply)
    assert answer.kind is kind, row
    assert answer.http_status == reply.status
    assert answer.consent is None


@pytest.mark.parametrize(("row", "reply", "kind"), READS, ids=[row for row, _, _ in READS])
def test_what_an_answer_to_the_read_means(row, reply, kind):
    answer = read(reply)
    assert answer.kind is kind, row
    assert answer.http_status == reply.status
    assert answer.consent is None


@pytest.mark.parametrize(
    ("label", "permission"), [("Yes", Permission.YES), ("No", Permission.NO), ("Ask", Permission.ASK)]
)
def test_200_strict_with_a_label(label, permission):
    answer = read(Reply(200, body=as_bytes(summary(label))))
    assert answer.kind is K.CONSENT
    assert answer.consent == SpineConsent(Summary.YES, permission)


def test_200_strict_without_a_summary():
    answer = read(Reply(200, body=as_bytes(spine.NO_SUMMARY)))
    assert answer.kind is K.CONSENT
    assert answer.consent == NO_SUMMARY


@pytest.mark.fault_row(19)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(service_error(spine.DISSENT_TEXT, "forbidden"), id="as the service words it"),
        pytest.param(service_error("Code: 30418, Display: ACF does not permit access"), id="without 420"),
        pytest.param(gateway_error("30418", "ACF does not permit access to resource"), id="as a coding"),
    ],
)
def test_403_with_30418_on_the_read_is_the_answer_dissent(body):
    answer = read(Reply(403, body=as_bytes(body)))
    assert answer.kind is K.CONSENT
    assert answer.consent == SpineConsent(Summary.NOT_TOLD, Permission.NO)
    assert answer.spine_code == "30418"
    assert answer.http_status == 403


@pytest.mark.parametrize(
    "text",
    ["Message 30418 was refused", "Code: 304180, Display: x", "Code: 130418, Display: x", "See PSIS-30418", "30418"],
)
def test_a_number_that_only_looks_like_30418_is_no_dissent(text):
    answer = read(told(text, 403))
    assert answer.kind is K.NOT_AUTHORISED
    assert answer.consent is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"resourceType": "Patient"}', b"\xff", b"30418 [PSIS-30418]"])
def test_a_damaged_403_is_no_dissent(damage):
    assert read(Reply(403, body=damage)).consent is None


def test_a_cut_off_403_is_no_dissent():
    whole = as_bytes(service_error(spine.DISSENT_TEXT))
    for length in range(len(whole)):
        assert read(Reply(403, body=whole[:length])).consent is None


@pytest.mark.fault_row(15)
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("7", 7.0, id="seconds"),
        pytest.param(" 30 ", 30.0, id="seconds with blanks"),
        pytest.param("0", 0.0, id="no wait"),
        pytest.param("600", 600.0, id="ten minutes"),
        pytest.param("601", 600.0, id="more than ten minutes"),
        pytest.param("9" * 5000, 600.0, id="a number of 5,000 digits"),
        pytest.param(format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0, id="HTTP date"),
        pytest.param(format_datetime(NOW + timedelta(days=1), usegmt=True), 600.0, id="HTTP date tomorrow"),
        pytest.param(format_datetime(NOW - timedelta(seconds=90), usegmt=True), None, id="HTTP date gone by"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="with a fraction"),
        pytest.param("soon", None, id="junk"),
        pytest.param("5, 10", None, id="two values"),
        pytest.param("٣", None, id="another script's digit"),
        pytest.param("Mon, 99 Foo 2026 99:99:99 GMT", None, id="a date that is none"),
        pytest.param("Mon, 02 Nov 2026 18:31:30 -0000", None, id="a date without a zone"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_how_long_a_429_asks_to_wait(value, seconds):
    headers = CaseInsensitiveDict({} if value is None else {"Retry-After": value})
    for answer in (read(Reply(429, headers)), write(Reply(429, headers))):
        assert answer.kind is K.THROTTLED
        assert answer.retry_after == seconds


def test_the_telling_code_is_the_one_kept():
    assert write(told(spine.UNKNOWN_NUMBER_TEXT, 400)).spine_code == "35160"
    assert write(told(spine.DISSENT_TEXT, 403)).spine_code == "30418"
    assert write(told(spine.ACCESS_TEXT, 403)).spine_code == "420"
    assert write(coded("UNKNOWN_ERROR", 500)).spine_code == "UNKNOWN_ERROR"
    assert write(Reply(503, body=HTML)).spine_code == ""


def test_nothing_that_breaks_the_reader_escapes(monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.spine.classify.read_consent", fail)
    monkeypatch.setattr("app.spine.classify.read_error", fail)
    assert read(Reply(200, body=as_bytes(summary()))).kind is K.NOT_UNDERSTOOD
    assert read(Reply(403)).kind is K.NOT_UNDERSTOOD
    assert write(Reply(400)).kind is K.UNKNOWN
    assert write(Reply(201)).kind is K.ACCEPTED
