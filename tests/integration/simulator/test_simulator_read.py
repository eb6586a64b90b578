"""GET DocumentReference and GET Bundle, against what the interface promises."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import requests

from tests.helpers.simulator import SimulatorProcess, running_simulator
from tests.integration.simulator.caller import FHIR, PREFIX, SYSTEM, Caller, issue_code, service_text

DISSENT = (
    "Code: 420, Display: Business condition related to access control  which prevents the action being performed by "
    "PSIS;Code: 30418, Display: [PSIS-30418] - ACF does not permit access to resource"
)
SUMMARY_TYPE = [{"system": "http://snomed.info/sct", "code": "196981000000101", "display": " General Practice Summary"}]


def assert_no_summary(answer: requests.Response) -> None:
    assert answer.status_code == 200
    bundle = answer.json()
    assert set(bundle) == {"resourceType", "id", "type", "total"}
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 0)


def assert_dissent(answer: requests.Response) -> None:
    assert answer.status_code == 403
    assert service_text(answer) == DISSENT
    assert issue_code(answer) == "forbidden"


def label_of(answer: requests.Response) -> str:
    assert answer.status_code == 200
    assert answer.json()["total"] == 1
    [label] = answer.json()["entry"][0]["resource"]["securityLabel"]
    [coding] = label["coding"]
    assert coding["system"] == SYSTEM
    code: str = coding["code"]
    return code


def test_a_patient_with_a_summary(caller: Caller, patient: str) -> None:
    answer = caller.read(patient)
    base = caller.spine.spine
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == FHIR
    bundle = answer.json()
    assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 1)
    document, person = bundle["entry"]
    reference = document["resource"]
    assert document["fullUrl"] == f"{base}/DocumentReference/{reference['id']}"
    assert document["search"] == {"mode": "match"}
    assert reference["resourceType"] == "DocumentReference"
    assert reference["masterIdentifier"]["system"] == "https://fhir.nhs.uk/Id/nhsSCRUUID"
    summary_id = reference["masterIdentifier"]["value"]
    assert summary_id == str(uuid.UUID(summary_id)).upper()
    assert reference["status"] == "current"
    assert reference["type"] == {"coding": SUMMARY_TYPE}
    assert reference["context"] == {"event": [{"coding": SUMMARY_TYPE}]}
    assert reference["subject"] == {"reference": f"Patient/{person['resource']['id']}"}
    assert reference["securityLabel"] == [{"coding": [{"system": SYSTEM, "code": "Ask"}]}]
    assert reference["content"][0]["attachment"]["url"] == (
        f"{base}/Bundle?composition.identifier={summary_id}&composition.subject:Patient.identifier={PREFIX}{patient}"
    )
    assert set(person) == {"fullUrl", "resource"}
    assert person["fullUrl"] == person["resource"]["id"]
    assert person["resource"]["resourceType"] == "Patient"
    assert person["resource"]["identifier"] == [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": patient}]


def test_ids_are_new_each_time_but_the_summary_stays_the_same(caller: Caller, patient: str) -> None:
    first, second = (caller.read(patient).json() for _ in range(2))
    assert first["id"] != second["id"]
    for place in (0, 1):
        assert first["entry"][place]["resource"]["id"] != second["entry"][place]["resource"]["id"]
    summaries = {bundle["entry"][0]["resource"]["masterIdentifier"]["value"] for bundle in (first, second)}
    assert len(summaries) == 1


def test_a_read_mirrors_the_ids_and_needs_no_role(caller: Caller, patient: str) -> None:
    sent = str(uuid.uuid4())
    answer = caller.read(patient, X_Request_ID=sent)
    assert answer.headers["X-Request-ID"] == sent


@pytest.mark.parametrize("number", ["9111231130", "9000000000", "1", "nobody"])
def test_a_number_nobody_knows_has_no_summary(caller: Caller, number: str) -> None:
    assert_no_summary(caller.read(number))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, "Required request parameter 'patient' for method parameter type String is not present"),
        ({"patient": "9990000018"}, "Invalid value - 9990000018 in field 'patient'"),
        ({"patient": PREFIX}, f"Invalid value - {PREFIX} in field 'patient'"),
        ({"patient": ""}, "Invalid value -  in field 'patient'"),
        (
            {"patient": PREFIX + "9990000018", "type": "http://snomed.info/sct|1"},
            "Invalid value - http://snomed.info/sct|1 in field 'type'",
        ),
        ({"patient": PREFIX + "9990000018", "_sort": "-date"}, "Invalid value - -date in field '_sort'"),
        ({"patient": PREFIX + "9990000018", "_count": "2"}, "Invalid value - 2 in field '_count'"),
    ],
)
def test_bad_parameters(caller: Caller, query: dict[str, str], text: str) -> None:
    answer = caller.get("/DocumentReference", query)
    assert answer.status_code == 400
    assert service_text(answer) == text
    assert issue_code(answer) == "value"


def test_the_optional_parameters_with_their_only_values(caller: Caller, patient: str) -> None:
    query = {
        "patient": PREFIX + patient,
        "type": "http://snomed.info/sct|196981000000101",
        "_sort": "date",
        "_count": "1",
    }
    assert label_of(caller.get("/DocumentReference", query)) == "Ask"


def test_the_summary_the_pointer_points_to(caller: Caller, patient: str) -> None:
    url = caller.read(patient).json()["entry"][0]["resource"]["content"][0]["attachment"]["url"]
    answer = caller.http.get(url, headers=caller.headers(), timeout=30)
    assert answer.status_code == 200
    resources = [entry["resource"]["resourceType"] for entry in answer.json()["entry"]]
    assert (resources[0], resources[-1]) == ("Composition", "Patient")
    old = caller.http.get(url.replace("identifier=", "identifier=0", 1), headers=caller.headers(), timeout=30)
    assert_no_summary(old)


def test_a_summary_asked_for_badly_or_refused(caller: Caller, patient: str) -> None:
    subject = {"composition.subject:Patient.identifier": PREFIX + patient}
    assert "composition.identifier" in service_text(caller.get("/Bundle", subject))
    assert "composition.subject" in service_text(caller.get("/Bundle", {"composition.identifier": "X"}))
    caller.write(patient, "No")
    assert_dissent(caller.get("/Bundle", {"composition.identifier": "X", **subject}))


# By shape: the patients with No with a summary, with No without one.
SHAPES = {"403": ("refused", "refused"), "label": ("No", "refused"), "hidden": ("No", "no summary")}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shapes_of_a_dissent(spine_csv: Path, shape: str) -> None:
    with running_simulator("--rate", "0", "--dissent-shape", shape, load=spine_csv) as spine:
        caller = Caller(spine)
        for number, expected in zip(("9990000026", "9990000034"), SHAPES[shape], strict=True):
            answer = caller.read(number)
            if expected == "refused":
                assert_dissent(answer)
            elif expected == "no summary":
                assert_no_summary(answer)
            else:
                assert label_of(answer) == expected
        assert label_of(caller.read("9990000018")) == "Ask"
        assert label_of(caller.read("9990000050")) == "Yes"
        assert_no_summary(caller.read("9990000042"))


def test_setting_a_permission_neither_makes_nor_removes_a_summary(spine_csv: Path) -> None:
    with running_simulator("--rate", "0", load=spine_csv) as spine:
        caller = Caller(spine)
        caller.write("9990000034", "Ask")
        assert_no_summary(caller.read("9990000034"))
        caller.write("9990000018", "No")
        caller.write("9990000018", "Ask")
        assert label_of(caller.read("9990000018")) == "Ask"


def test_the_history_names_the_patient_of_a_read(caller: Caller, spine: SimulatorProcess, patient: str) -> None:
    sent = str(uuid.uuid4())
    caller.read(patient, X_Request_ID=sent)
    [entry] = spine.history(request_id=sent)
    assert (entry["nhs_number"], entry["permission"], entry["status"]) == (patient, None, 200)
    assert entry["path"] == "/summary-care-record/FHIR/R4/DocumentReference"
