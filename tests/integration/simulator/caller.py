"""What the tests of the simulated Spine send, built from the interface's description alone."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from tests.helpers.simulator import SimulatorProcess

PREFIX = "https://fhir.nhs.uk/Id/nhs-number|"
SYSTEM = "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission"
FHIR = "application/fhir+json"
ADMINISTRATOR = "910000000001"
TWO_ROLES = "910000000005"


def made_up_numbers(first: int, count: int) -> list[str]:
    """NHS numbers of the test range 999, with right check digits."""
    numbers: list[str] = []
    stem = 999_000_000 + first
    while len(numbers) < count:
        digits = str(stem)
        check = 11 - sum(int(digits[place]) * (10 - place) for place in range(9)) % 11
        if check != 10:
            numbers.append(digits + str(check % 11))
        stem += 1
    return numbers


def write_spine_csv(path: Path, patients: dict[str, tuple[bool, str]]) -> None:
    """A spine.csv of these patients: NHS number to (has a summary, permission)."""
    lines = ["nhs_number,has_scr,permission"]
    lines += [f"{number},{'yes' if has_scr else 'no'},{value}" for number, (has_scr, value) in patients.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def permission_body(nhs_number: str, code: str = "No") -> dict[str, Any]:
    """A `$setPermission` body as the contract has it."""
    return {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "setPermissions",
                "part": [
                    {"name": "nhsNumber", "valueString": nhs_number},
                    {"name": "permissionCode", "valueCoding": {"system": SYSTEM, "code": code}},
                ],
            }
        ],
    }


def wait_until(condition: Callable[[], object], seconds: float = 15) -> None:
    """Come back when the condition holds; fail when it has not held for so long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.01)


class Caller:
    """A client of one simulated Spine, signed in unless told otherwise."""

    def __init__(self, spine: SimulatorProcess, uid: str | None = ADMINISTRATOR, token: str | None = None) -> None:
        self.spine = spine
        self.http = spine.http
        self.tokens = spine.sign_in(uid) if uid and not token else {"access_token": token or ""}

    def headers(self, **changes: Any) -> dict[str, str]:
        """Right headers with fresh ids; a change to None leaves one out, underscores stand for hyphens."""
        headers = {
            "Authorization": f"Bearer {self.tokens['access_token']}",
            "X-Request-ID": str(uuid.uuid4()),
            "X-Correlation-ID": str(uuid.uuid4()),
            **{name.replace("_", "-"): value for name, value in changes.items()},
        }
        return {name: value for name, value in headers.items() if value is not None}

    def read(self, nhs_number: str, **changes: Any) -> requests.Response:
        """GET DocumentReference of a patient."""
        return self.get("/DocumentReference", {"patient": PREFIX + nhs_number}, **changes)

    def get(self, path: str, query: dict[str, str] | None = None, **changes: Any) -> requests.Response:
        """GET under the Spine's base."""
        return self.http.get(
            self.spine.spine + path, params=query, headers=self.headers(**changes), timeout=30, allow_redirects=False
        )

    def write(self, nhs_number: str, code: str = "No", **changes: Any) -> requests.Response:
        """POST $setPermission for a patient."""
        return self.post(permission_body(nhs_number, code), **changes)

    def post(
        self, body: Any, path: str = "/$setPermission", *, timeout: float = 30, **changes: Any
    ) -> requests.Response:
        """POST under the Spine's base: an object as JSON, bytes as they are."""
        headers = self.headers(**{"Content_Type": FHIR, **changes})
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        return self.http.post(
            self.spine.spine + path, headers=headers, timeout=timeout, allow_redirects=False, **content
        )


def service_text(answer: requests.Response) -> str:
    """The text of a service error, once its shape is as the contract says."""
    assert answer.headers["Content-Type"] == FHIR
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    [issue] = body["issue"]
    assert set(issue) == {"severity", "code", "details"}
    assert issue["severity"] == "error"
    text: str = issue["details"]["text"]
    return text


def issue_code(answer: requests.Response) -> str:
    """The code of the one issue of an OperationOutcome."""
    code: str = answer.json()["issue"][0]["code"]
    return code


def gateway_issue(answer: requests.Response) -> tuple[str, str, str | None]:
    """Coding code, display and diagnostics of a gateway error, once its shape is as the contract says."""
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    [issue] = body["issue"]
    [coding] = issue["details"]["coding"]
    assert issue["severity"] == "error"
    assert coding["system"] == "https://fhir.nhs.uk/CodeSystem/Spine-ErrorOrWarningCode"
    assert coding["version"] == "1"
    return coding["code"], coding["display"], issue.get("diagnostics")
