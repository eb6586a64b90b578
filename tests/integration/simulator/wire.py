"""Reading what the simulated Spine really puts on the wire, below any HTTP library."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass, field

from tests.integration.simulator.caller import FHIR, PREFIX, Caller, permission_body


@dataclass
class Wire:
    """Everything received, when each piece came (seconds from the request), and how it ended."""

    data: bytes = b""
    arrivals: list[float] = field(default_factory=list)
    reset: bool = False

    @property
    def head(self) -> str:
        """The status line and the headers."""
        return self.data.partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        """What came after the headers."""
        return self.data.partition(b"\r\n\r\n")[2]

    def content_length(self) -> int:
        """What the headers promise."""
        [line] = [line for line in self.head.splitlines() if line.lower().startswith("content-length:")]
        return int(line.partition(":")[2])


def exchange(caller: Caller, request: bytes, *, until: float = 30) -> Wire:
    """Send bytes and receive until the other end closes, resets, or the time is up."""
    wire = Wire()
    with socket.create_connection(("127.0.0.1", caller.spine.port)) as connection:
        connection.sendall(request)
        start = time.monotonic()
        try:
            while (left := start + until - time.monotonic()) > 0:
                connection.settimeout(left)
                if not (piece := connection.recv(65536)):
                    break
                wire.data += piece
                wire.arrivals.append(time.monotonic() - start)
        except ConnectionResetError:
            wire.reset = True
        except TimeoutError:
            pass
    return wire


def write_request(caller: Caller, nhs_number: str) -> bytes:
    """The bytes of a `$setPermission` with No."""
    body = json.dumps(permission_body(nhs_number)).encode()
    headers = {**caller.headers(), "Host": "spine", "Content-Type": FHIR, "Content-Length": str(len(body))}
    lines = ["POST /summary-care-record/FHIR/R4/$setPermission HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def read_request(caller: Caller, nhs_number: str) -> bytes:
    """The bytes of a DocumentReference read."""
    path = f"/summary-care-record/FHIR/R4/DocumentReference?patient={PREFIX.replace('|', '%7C')}{nhs_number}"
    headers = {**caller.headers(), "Host": "spine"}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
