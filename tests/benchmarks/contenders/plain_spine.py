"""The requests of a migration with `requests` and nothing around them: what every contender but the product sends.

Nothing is checked, remembered or repeated: only the bytes on the wire are the product's.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass

import requests

FHIR = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Work:
    """One patient: the NHS number, how often it is read, and how often a dissent is sent for it."""

    number: str
    reads: int
    sends: int


class PlainSpine:
    """The Spine at an address, asked in somebody's name; each thread keeps a connection of its own."""

    def __init__(self, spine: str, auth: str, token: str) -> None:
        self._base = spine
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {token}"
            roles = session.get(f"{auth}/userinfo", timeout=30).json()["nhsid_nrbac_roles"]
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": FHIR,
            "NHSD-Session-URID": roles[0]["person_roleid"],
        }
        self._own = threading.local()

    def read(self, number: str) -> int:
        """Read a patient's consent; returns the HTTP status."""
        query = {"patient": f"https://fhir.nhs.uk/Id/nhs-number|{number}"}
        answer = self._session().get(f"{self._base}/DocumentReference", params=query, headers=_ids(), timeout=30)
        answer.json()
        return answer.status_code

    def send(self, number: str) -> int:
        """Send a patient's dissent; returns the HTTP status."""
        headers = {**_ids(), "Content-Type": FHIR}
        body = _set_no(number)
        return self._session().post(f"{self._base}/$setPermission", json=body, headers=headers, timeout=30).status_code

    def work_off(self, work: Work) -> list[int]:
        """All requests of one patient in order; returns their HTTP statuses."""
        reads = [self.read(work.number) for _ in range(work.reads)]
        return reads + [self.send(work.number) for _ in range(work.sends)]

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            session.trust_env = False
            session.headers.update(self._headers)
        return session


def _ids() -> dict[str, str]:
    return {"X-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": str(uuid.uuid4())}


def _set_no(number: str) -> dict[str, object]:
    coding = {"system": "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission", "code": "No"}
    parts = [{"name": "nhsNumber", "valueString": number}, {"name": "permissionCode", "valueCoding": coding}]
    return {"resourceType": "Parameters", "parameter": [{"name": "setPermissions", "part": parts}]}
