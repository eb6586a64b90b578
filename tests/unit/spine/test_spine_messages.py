"""The two messages, and the strict reading of a patient's record pointer (spine contract, sections 1.1 and 2.1)."""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.domain.decision import Permission, SpineConsent, Summary
from app.engine.spine_port import MessageIds
from app.spine.messages import consent_query, dissent, read_consent
from app.spine.strict_json import NotUnderstood
from tests.helpers.spine_answers import ANOTHER_NUMBER, NHS_NUMBER, NO_SUMMARY, as_bytes, summary

BASE = "https://spine.example/summary-care-record/FHIR/R4"
IDS = MessageIds("0b3cd1a4-5c59-4d3b-9d0f-8a4a0d1c7e11", "9f0e6a4c-4a86-4f5c-8f6b-7d7d7fcb4a22")


def test_the_query_names_the_patient_and_carries_every_header():
    message = consent_query(BASE, NHS_NUMBER, IDS, "555910000101", "a-token")
    parts = urlsplit(message.url)
    assert message.method == "GET"
    assert message.body is None
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{BASE}/DocumentReference"
    assert parse_qs(parts.query, strict_parsing=True) == {
        "patient": [f"https://fhir.nhs.uk/Id/nhs-number|{NHS_NUMBER}"]
    }
    assert message.headers["Accept"] == "application/fhir+json"
    assert message.headers["X-Request-ID"] == IDS.request_id
    assert message.headers["X-Correlation-ID"] == IDS.correlation_id
    assert message.headers["NHSD-Session-URID"] == "555910000101"
    assert message.headers["Authorization"] == "Bearer a-token"
    assert "Content-Type" not in message.headers


def test_the_dissent_says_no_and_nothing_else():
    message = dissent(BASE, NHS_NUMBER, IDS, "555910000101", "a-token")
    assert message.method == "POST"
    assert message.url == f"{BASE}/$setPermission"
    assert message.headers["Content-Type"] == "application/fhir+json"
    assert message.body is not None
    assert json.loads(message.body) == {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "setPermissions",
                "part": [
                    {"name": "nhsNumber", "valueString": NHS_NUMBER},
                    {
                        "name": "permissionCode",
                        "valueCoding": {"system": "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission", "code": "No"},
                    },
                ],
            }
        ],
    }


def test_without_a_sign_in_no_token_is_sent():
    assert "Authorization" not in consent_query(BASE, NHS_NUMBER, IDS, "555254240100", None).headers


@pytest.mark.parametrize("number", ["", "999000001", "99900000188", "999 000 0018", "9990000018\n", "٩٩٩٠٠٠٠٠١٨", "x"])
@pytest.mark.parametrize("build", [consent_query, dissent])
def test_nothing_but_ten_digits_gets_into_a_message(build, number):
    with pytest.raises(ValueError, match="ten digits") as told:
        build(BASE, number, IDS, "555910000101", "a-token")
    assert not number.strip() or number.strip() not in str(told.value)


def test_a_message_shows_nothing_of_itself():
    shown = repr(dissent(BASE, NHS_NUMBER, IDS, "555910000101", "a-token"))
    assert NHS_NUMBER not in shown
    assert "a-token" not in shown


@pytest.mark.parametrize(
    ("label", "permission"), [("Yes", Permission.YES), ("No", Permission.NO), ("Ask", Permission.ASK)]
)
def test_a_summary_tells_its_permission(label, permission):
    assert read_consent(as_bytes(summary(label)), NHS_NUMBER) == SpineConsent(Summary.YES, permission)


def test_a_total_of_nought_is_no_summary_and_tells_no_permission():
    none = SpineConsent(Summary.NO, Permission.NOT_TOLD)
    assert read_consent(as_bytes(NO_SUMMARY), NHS_NUMBER) == none
    assert read_consent(as_bytes({**NO_SUMMARY, "entry": []}), NHS_NUMBER) == none


def test_the_order_of_the_entries_and_what_is_added_to_them_does_not_matter():
    bundle = summary("Ask")
    bundle["entry"].reverse()
    bundle["entry"][0]["search"] = {"mode": "include"}
    bundle["meta"] = {"lastUpdated": "2026-11-02T18:30:00Z"}
    assert read_consent(as_bytes(bundle), NHS_NUMBER).permission is Permission.ASK


DAMAGES: dict[str, Any] = {}


def damage(change):
    """A way to spoil a good answer; it changes the bundle, or returns another."""
    DAMAGES[change.__name__] = change
    return change


def pointer(bundle: dict[str, Any]) -> dict[str, Any]:
    return bundle["entry"][0]["resource"]


def patient(bundle: dict[str, Any]) -> dict[str, Any]:
    return bundle["entry"][1]["resource"]


def coding(bundle: dict[str, Any]) -> dict[str, Any]:
    return pointer(bundle)["securityLabel"][0]["coding"][0]


@damage
def another_resource(bundle):
    bundle["resourceType"] = "OperationOutcome"


@damage
def another_kind_of_bundle(bundle):
    bundle["type"] = "document"


@damage
def no_total(bundle):
    del bundle["total"]


@damage
def a_total_as_text(bundle):
    bundle["total"] = "1"


@damage
def a_total_with_a_fraction(bundle):
    bundle["total"] = 1.0


@damage
def a_total_that_is_true(bundle):
    bundle["total"] = True


@damage
def a_total_that_is_false(bundle):
    bundle["total"] = False
    del bundle["entry"]


@damage
def a_total_of_two(bundle):
    bundle["total"] = 2


@damage
def a_negative_total(bundle):
    bundle["total"] = -1


@damage
def a_total_of_nought_with_entries(bundle):
    bundle["total"] = 0


@damage
def no_entries(bundle):
    del bundle["entry"]


@damage
def entries_that_are_no_list(bundle):
    bundle["entry"] = {"0": bundle["entry"][0], "1": bundle["entry"][1]}


@damage
def entries_that_are_null(bundle):
    bundle["entry"] = None


@damage
def a_total_of_nought_with_null(bundle):
    bundle.update(total=0, entry=None)


@damage
def no_patient(bundle):
    del bundle["entry"][1]


@damage
def no_pointer(bundle):
    del bundle["entry"][0]


@damage
def two_pointers(bundle):
    bundle["entry"][1] = bundle["entry"][0]


@damage
def a_third_entry(bundle):
    bundle["entry"].append(bundle["entry"][1])


@damage
def an_entry_without_a_resource(bundle):
    del bundle["entry"][0]["resource"]


@damage
def an_entry_that_is_null(bundle):
    bundle["entry"][1] = None


@damage
def an_outcome_beside_the_match(bundle):
    bundle["entry"][1] = {"resource": {"resourceType": "OperationOutcome"}, "search": {"mode": "outcome"}}


@damage
def a_pointer_that_is_not_the_match(bundle):
    bundle["entry"][0]["search"] = {"mode": "include"}


@damage
def a_pointer_that_does_not_say(bundle):
    del bundle["entry"][0]["search"]


@damage
def a_patient_that_is_the_match(bundle):
    bundle["entry"][1]["search"] = {"mode": "match"}


@damage
def a_search_that_is_text(bundle):
    bundle["entry"][1]["search"] = "include"


@damage
def another_patient(bundle):
    patient(bundle)["identifier"][0]["value"] = ANOTHER_NUMBER


@damage
def a_number_with_spaces(bundle):
    patient(bundle)["identifier"][0]["value"] = "999 000 0018"


@damage
def a_number_that_is_a_number(bundle):
    patient(bundle)["identifier"][0]["value"] = int(NHS_NUMBER)


@damage
def two_numbers(bundle):
    first = patient(bundle)["identifier"][0]
    patient(bundle)["identifier"].append({**first, "value": ANOTHER_NUMBER})


@damage
def the_number_twice(bundle):
    patient(bundle)["identifier"] *= 2


@damage
def a_number_of_another_kind(bundle):
    patient(bundle)["identifier"][0]["system"] = "https://fhir.nhs.uk/Id/local-number"


@damage
def no_identifier(bundle):
    del patient(bundle)["identifier"]


@damage
def an_identifier_that_is_text(bundle):
    patient(bundle)["identifier"] = [NHS_NUMBER]


@damage
def a_pointer_of_somebody_else(bundle):
    pointer(bundle)["subject"]["reference"] = "Patient/00000000-0000-0000-0000-000000000000"


@damage
def a_pointer_of_nobody(bundle):
    del pointer(bundle)["subject"]


@damage
def a_patient_without_an_id(bundle):
    del patient(bundle)["id"]
    pointer(bundle)["subject"]["reference"] = "Patient/None"


@damage
def a_superseded_pointer(bundle):
    pointer(bundle)["status"] = "superseded"


@damage
def a_pointer_entered_in_error(bundle):
    pointer(bundle)["status"] = "entered-in-error"


@damage
def a_pointer_without_a_status(bundle):
    del pointer(bundle)["status"]


@damage
def a_pointer_to_no_summary(bundle):
    del pointer(bundle)["masterIdentifier"]


@damage
def a_pointer_to_a_blank_summary(bundle):
    pointer(bundle)["masterIdentifier"]["value"] = " "


@damage
def a_pointer_to_something_else(bundle):
    pointer(bundle)["masterIdentifier"]["system"] = "urn:ietf:rfc:3986"


@damage
def no_label(bundle):
    del pointer(bundle)["securityLabel"]


@damage
def an_empty_label(bundle):
    pointer(bundle)["securityLabel"] = []


@damage
def two_labels(bundle):
    labels = pointer(bundle)["securityLabel"]
    labels.append({"coding": [{**coding(bundle), "code": "No"}]})


@damage
def the_same_label_twice(bundle):
    pointer(bundle)["securityLabel"] *= 2


@damage
def two_codings(bundle):
    pointer(bundle)["securityLabel"][0]["coding"].append({**coding(bundle), "code": "No"})


@damage
def a_coding_that_is_no_list(bundle):
    pointer(bundle)["securityLabel"][0]["coding"] = coding(bundle)


@damage
def a_label_of_another_system(bundle):
    coding(bundle)["system"] = "https://fhir.nhs.uk/R4/CodeSystem/SCR-ACSPermission"


@damage
def a_label_without_a_system(bundle):
    del coding(bundle)["system"]


@damage
def a_label_without_a_code(bundle):
    del coding(bundle)["code"]


@damage
def a_permission_that_does_not_exist(bundle):
    coding(bundle)["code"] = "Maybe"


@damage
def a_permission_in_small_letters(bundle):
    coding(bundle)["code"] = "ask"


@damage
def a_permission_with_a_blank(bundle):
    coding(bundle)["code"] = "Ask "


@damage
def a_permission_that_is_a_list(bundle):
    coding(bundle)["code"] = ["Ask"]


@damage
def nothing_but_a_list(bundle):
    return [bundle]


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("label", ["Ask", "Yes", "No"])
def test_a_damaged_answer_is_not_understood(name, label):
    bundle = copy.deepcopy(summary(label))
    changed = DAMAGES[name](bundle)
    with pytest.raises(NotUnderstood):
        read_consent(as_bytes(bundle if changed is None else changed), NHS_NUMBER)


def test_the_undamaged_answer_would_have_been_understood():
    assert all(read_consent(as_bytes(summary(label)), NHS_NUMBER) for label in ("Ask", "Yes", "No"))
    with pytest.raises(NotUnderstood):
        read_consent(as_bytes(summary("Ask")), ANOTHER_NUMBER)
