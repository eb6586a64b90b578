"""The client against the simulated Spine: every class of answer, over real HTTP (faults page, section 1)."""

from __future__ import annotations

import json

import pytest

from app.domain.decision import DISSENT_REFUSAL, NO_SUMMARY, Permission, SpineConsent, Summary
from app.engine.spine_port import AnswerKind
from tests.helpers.simulator import running_simulator
from tests.helpers.spine_answers import service_error
from tests.integration.spine import conftest as samples
from tests.integration.spine.conftest import new_ids, read, write

K = AnswerKind


@pytest.mark.parametrize(
    ("nhs_number", "consent"),
    [
        (samples.HAS_SUMMARY, SpineConsent(Summary.YES, Permission.ASK)),
        (samples.NO_SUMMARY, NO_SUMMARY),
        (samples.DISSENTS, DISSENT_REFUSAL),
        (samples.CONSENTS, SpineConsent(Summary.YES, Permission.YES)),
        (samples.UNKNOWN, NO_SUMMARY),
    ],
)
def test_what_the_spine_holds_is_read(connection, nhs_number, consent):
    answer = read(connection, nhs_number)
    assert answer.kind is K.CONSENT
    assert answer.consent == consent


@pytest.mark.parametrize(
    ("shape", "with_summary", "without"),
    [
        ("403", DISSENT_REFUSAL, DISSENT_REFUSAL),
        ("label", SpineConsent(Summary.YES, Permission.NO), DISSENT_REFUSAL),
        ("hidden", SpineConsent(Summary.YES, Permission.NO), NO_SUMMARY),
    ],
)
def test_a_dissent_is_sent_and_shows_in_each_of_its_shapes(connect, spine_file, shape, with_summary, without):
    with running_simulator("--rate", "0", "--sandbox", "--dissent-shape", shape, load=spine_file) as spine:
        connection = connect(spine.spine)
        for number, consent in ((samples.HAS_SUMMARY, with_summary), (samples.NO_SUMMARY, without)):
            assert write(connection, number).kind is K.ACCEPTED
            assert spine.state()[number][1] == "No"
            assert read(connection, number).consent == consent


def test_what_goes_over_the_wire(connection, simulator):
    ids = new_ids()
    connection.send_dissent(samples.WRITTEN, ids)
    (entry,) = [entry for entry in simulator.writes() if entry["correlation_id"] == ids.correlation_id]
    assert entry["path"].endswith("/FHIR/R4/$setPermission")
    assert entry["nhs_number"] == samples.WRITTEN
    assert entry["permission"] == "No"
    assert entry["request_id"] == ids.request_id
    assert entry["applied"]


def test_an_unknown_number_is_rejected_with_its_code(connection):
    answer = write(connection, samples.UNKNOWN)
    assert answer.kind is K.REJECTED
    assert answer.spine_code == "35160"
    assert "[PSIS-35160]" in answer.text


# What the simulated Spine calls the answer, what it means for a read, and for the write.
ANSWERS = [
    ("429", K.THROTTLED, K.THROTTLED),
    ("429_pds", K.THROTTLED, K.THROTTLED),
    ("302", K.CONFIGURATION, K.CONFIGURATION),
    ("404", K.CONFIGURATION, K.CONFIGURATION),
    ("413", K.CONFIGURATION, K.CONFIGURATION),
    ("400_role_code", K.NOT_AUTHORISED, K.NOT_AUTHORISED),
    ("400_role_header", K.NOT_AUTHORISED, K.NOT_AUTHORISED),
    ("400_no_asid", K.CONFIGURATION, K.CONFIGURATION),
    ("400_duplicate", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("400_35160", K.REJECTED, K.REJECTED),
    ("400_410", K.NOT_UNDERSTOOD, K.REJECTED),
    ("400_430", K.NOT_UNDERSTOOD, K.REJECTED),
    ("403_30418", K.CONSENT, K.UNKNOWN),
    ("403_420", K.ACCESS_REFUSED, K.ACCESS_REFUSED),
    ("403_neither", K.NOT_AUTHORISED, K.NOT_AUTHORISED),
    ("500", K.UNAVAILABLE, K.UNKNOWN),
    ("502", K.UNAVAILABLE, K.UNKNOWN),
    ("503_json", K.UNAVAILABLE, K.UNKNOWN),
    ("503_html", K.UNAVAILABLE, K.UNKNOWN),
    ("504", K.UNAVAILABLE, K.UNKNOWN),
    ("html_200", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("empty_200", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("malformed_json", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("deep_nesting", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("nan", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("duplicate_keys", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("wrong_patient", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("two_labels", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("unknown_code", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("total_mismatch", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("no_entry", K.NOT_UNDERSTOOD, K.UNKNOWN),
    ("oversized", K.NOT_UNDERSTOOD, K.UNKNOWN),
]


@pytest.mark.parametrize(("name", "of_read", "of_write"), ANSWERS, ids=[name for name, _, _ in ANSWERS])
def test_what_each_answer_means(connection, simulator, name, of_read, of_write):
    simulator.put_faults({"operation": ["read", "write"], "action": {"answer": name}})
    assert read(connection).kind is of_read
    assert write(connection).kind is of_write
    simulator.clear_faults()
    assert read(connection, samples.NO_SUMMARY).consent == NO_SUMMARY


@pytest.mark.parametrize("status", [202, 204, 206, 303, 308, 402, 406, 409, 422, 451, 507])
def test_a_status_out_of_the_ordinary(connection, simulator, status):
    simulator.put_faults({"operation": ["read", "write"], "action": {"status": status, "body": ""}})
    ordinary = {303: K.CONFIGURATION, 308: K.CONFIGURATION, 507: K.UNAVAILABLE}
    assert read(connection).kind is ordinary.get(status, K.NOT_UNDERSTOOD)
    assert write(connection).kind is (ordinary[status] if status in (303, 308) else K.UNKNOWN)


def test_405_and_415_stop_the_run(connection, simulator):
    for status in (405, 415):
        body = service_error("not supported", "not-supported")
        simulator.put_faults({"operation": ["read", "write"], "action": {"status": status, "body": body}})
        assert read(connection).kind is K.CONFIGURATION
        assert write(connection).kind is K.CONFIGURATION


def test_a_404_about_the_patient_is_about_the_patient(connection, simulator):
    body = json.dumps(service_error("Code: 404, Display: Patient not found", "not-found"))
    simulator.put_faults({"operation": ["read", "write"], "action": {"status": 404, "body": body}})
    assert read(connection).kind is K.REJECTED
    assert write(connection).kind is K.CONFIGURATION


def test_a_wrong_address_stops_the_run(connect, spine_file):
    with running_simulator("--rate", "0", "--sandbox", load=spine_file) as spine:
        connection = connect(spine.spine.replace("/R4", "/R5"))
        assert read(connection).kind is K.CONFIGURATION
        assert write(connection).kind is K.CONFIGURATION


@pytest.mark.fault_row(15)
@pytest.mark.parametrize(("asked", "least", "most"), [(7, 7, 7), ({"date_in_seconds": 90}, 85, 91), (86_400, 600, 600)])
def test_a_429_says_how_long_to_wait(connection, simulator, asked, least, most):
    simulator.put_faults({"operation": "read", "action": {"answer": "429", "retry_after": asked}})
    assert least <= read(connection).retry_after <= most


@pytest.mark.fault_row(15)
@pytest.mark.parametrize("asked", ["soon", -5, {"date_in_seconds": -90}])
def test_a_429_that_names_no_time_to_come(connection, simulator, asked):
    simulator.put_faults({"operation": "read", "action": {"answer": "429", "retry_after": asked}})
    answer = read(connection)
    assert answer.kind is K.THROTTLED
    assert answer.retry_after is None


def test_the_gateways_own_limit_is_understood(connect, spine_file):
    with running_simulator("--rate", "2", "--sandbox", load=spine_file) as spine:
        connection = connect(spine.spine)
        assert K.THROTTLED in {read(connection).kind for _ in range(3)}


def test_a_role_the_user_does_not_have_stops_the_run(connection, simulator, sign_in, monkeypatch):
    genuine = sign_in.credentials

    def with_another_role(give_up_at):
        credentials = genuine(give_up_at)
        return type(credentials)(credentials.session_id, "555000000000", credentials.token, credentials.simulated)

    monkeypatch.setattr(sign_in, "credentials", with_another_role)
    assert read(connection).kind is K.NOT_AUTHORISED
    assert write(connection).kind is K.NOT_AUTHORISED


@pytest.mark.fault_row(10)
@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "truncated"])
def test_an_answer_lost_on_the_way(connection, simulator, fault):
    simulator.put_faults({"operation": "read", "action": {fault: True}})
    assert read(connection).kind is K.UNAVAILABLE
    simulator.put_faults({"operation": "write", "action": {fault: True}})
    # Of a 201 cut off, the status line was seen.
    assert write(connection).kind is (K.ACCEPTED if fault == "truncated" else K.UNKNOWN)


def test_one_call_is_one_request(connection, simulator):
    """Nothing below repeats a message by itself."""
    for action in ({"answer": "500"}, {"answer": "429", "retry_after": 1}, {"reset_before": True}, {"answer": "302"}):
        simulator.put_faults({"operation": ["read", "write"], "action": action})
        for make in (connection.read_consent, connection.send_dissent):
            ids = new_ids()
            make(samples.WRITTEN, ids)
            assert len(simulator.history(correlation_id=ids.correlation_id)) == 1


def test_a_spine_that_is_simulated_for_one_and_not_for_the_other_stops_the_run(connection, sign_in, monkeypatch):
    genuine = sign_in.credentials

    def of_a_real_service(give_up_at):
        credentials = genuine(give_up_at)
        return type(credentials)(credentials.session_id, credentials.role_id, credentials.token, False)

    monkeypatch.setattr(sign_in, "credentials", of_a_real_service)
    for number in (samples.HAS_SUMMARY, samples.NO_SUMMARY, samples.DISSENTS):
        answer = read(connection, number)
        assert answer.kind is K.CONFIGURATION
        assert answer.consent is None
    assert write(connection).kind is K.CONFIGURATION
