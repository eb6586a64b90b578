"""A whole Consent Migration against the simulated Spine without a limit, beside a bare loop of the same requests.

Both are measured in this process, the Spine in its own: wall seconds, and this process's seconds of CPU.
"""

from __future__ import annotations

import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import requests

from app.bootstrap import create_demonstration, open_product
from app.bootstrap.demonstration import DEMONSTRATION_CARD, DEMONSTRATION_PASSCODE, SPINE_FILE
from app.config import load_settings
from app.domain.actions import CONSENT_MIGRATION, Action
from app.engine.control import StopToken
from app.engine.operator import Press
from app.engine.progress import ProgressBoard
from tests.benchmarks.told import Sizes, Told
from tests.helpers.simulator import SimulatorProcess, running_simulator

SENDERS = 4
FHIR = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: patients and requests done, wall and CPU seconds of this process."""

    patients: int
    requests: int
    wall: float
    cpu: float


def measure_throughput(folder: Path, sizes: Sizes) -> Iterator[Told]:
    """Measure both in turn, so that a machine that gets busy is unfair to neither."""
    products, loops = [], []
    for number in range(sizes.rounds):
        place = folder / f"round-{number}"
        create_demonstration(load_settings(place, {}, {}), sizes.patients, seed=number)
        with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
            products.append(_run_product(place, spine))
            sent = [entry for entry in spine.history() if "/FHIR/" in entry["path"]]
        with running_simulator("--rate", "0", load=place / SPINE_FILE) as spine:
            loops.append(_run_bare_loop(sent, products[-1].patients, spine))
    yield _told("the product", "product", products)
    yield _told("a bare loop of the same requests", "bare_loop", loops)
    walls = [product.wall / loop.wall for product, loop in zip(products, loops, strict=True)]
    cpus = [product.cpu / loop.cpu for product, loop in zip(products, loops, strict=True)]
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    yield Told(
        f"ratio of the product to the bare loop: {wall:.2f} in wall time, {cpu:.2f} in CPU (medians of {sizes.rounds})",
        {"ratio_of_wall_time": wall, "ratio_of_cpu": cpu},
    )


def _told(what: str, key: str, measured: list[Measured]) -> Told:
    per_second = statistics.median(one.patients / one.wall for one in measured)
    per_patient = statistics.median(one.cpu * 1000 / one.patients for one in measured)
    return Told(
        f"{what}: {per_second:,.0f} patients a second, {per_patient:.2f} ms of CPU a patient "
        f"({measured[0].patients:,} patients, {measured[0].requests:,} requests, {SENDERS} senders)",
        {f"{key}_patients_per_second": per_second, f"{key}_cpu_a_patient_ms": per_patient},
    )


def _run_product(place: Path, spine: SimulatorProcess) -> Measured:
    flags = {"SPINE_URL": spine.spine, "AUTH_URL": spine.auth, "REQUESTS_PER_SECOND": "0", "CONCURRENCY": str(SENDERS)}
    with open_product(load_settings(place, flags, {})) as product:
        product.reader.insert(DEMONSTRATION_CARD)
        product.reader.sign_in(DEMONSTRATION_PASSCODE)
        wall, cpu = time.perf_counter(), time.process_time()
        view = product.operator.execute(Press(CONSENT_MIGRATION.key, Action.RUN), StopToken(), ProgressBoard())
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Measured(view.counts.total, view.reads + view.writes, wall, cpu)


def _run_bare_loop(sent: list[dict[str, str]], patients: int, spine: SimulatorProcess) -> Measured:
    token = spine.sign_in()["access_token"]
    session = requests.Session()
    role = session.get(f"{spine.auth}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=10).json()
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": FHIR,
        "NHSD-Session-URID": role["nhsid_nrbac_roles"][0]["person_roleid"],
    }
    tasks: SimpleQueue[dict[str, str]] = SimpleQueue()
    for entry in sent:
        tasks.put(entry)
    threads = [threading.Thread(target=_send_bare, args=(tasks, spine.spine, headers)) for _ in range(SENDERS)]
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Measured(patients, len(sent), time.perf_counter() - wall, time.process_time() - cpu)


def _send_bare(tasks: SimpleQueue[dict[str, str]], base: str, headers: dict[str, str]) -> None:
    """One thread with one session, doing nothing but the requests."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(headers)
        while True:
            try:
                entry = tasks.get_nowait()
            except Empty:
                return
            ids = {"X-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": str(uuid.uuid4())}
            number = entry["nhs_number"]
            if entry["method"] == "GET":
                query = {"patient": f"https://fhir.nhs.uk/Id/nhs-number|{number}"}
                session.get(f"{base}/DocumentReference", params=query, headers=ids, timeout=30).json()
            else:
                body = _set_no(number)
                session.post(f"{base}/$setPermission", json=body, headers={**ids, "Content-Type": FHIR}, timeout=30)


def _set_no(number: str) -> dict[str, object]:
    coding = {"system": "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission", "code": "No"}
    parts = [{"name": "nhsNumber", "valueString": number}, {"name": "permissionCode", "valueCoding": coding}]
    return {"resourceType": "Parameters", "parameter": [{"name": "setPermissions", "part": parts}]}
