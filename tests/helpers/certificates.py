"""An authority of the tests' own, and the certificates it signs."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


class Certificates:
    """An authority in a folder, and what it has signed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.authority = folder / "authority.pem"
        self._openssl(f"req -x509 {NEW_KEY} -days 2 -subj /CN=Authority -keyout authority.key -out authority.pem")

    def server(self, name: str, alternative: str, days: int = 2) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate for these alternative names."""
        key, request, certificate = f"{name}.key", f"{name}.csr", f"{name}.pem"
        (self._folder / f"{name}.ext").write_text(f"subjectAltName={alternative}\nbasicConstraints=CA:FALSE\n")
        self._openssl(f"req -new {NEW_KEY} -subj /CN={name} -keyout {key} -out {request}")
        self._openssl(
            f"x509 -req -in {request} -CA authority.pem -CAkey authority.key -CAcreateserial -days {days} "
            f"-extfile {name}.ext -out {certificate}"
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / certificate, self._folder / key)
        return context

    def client(self, name: str) -> Path:
        """A client's certificate and its key in one file that is its owner's alone."""
        self._openssl(f"req -new {NEW_KEY} -subj /CN={name} -keyout {name}.key -out {name}.csr")
        self._openssl(
            f"x509 -req -in {name}.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -out {name}.pem"
        )
        file = self._folder / f"{name}-with-key.pem"
        file.touch(mode=0o600)
        file.write_text((self._folder / f"{name}.pem").read_text() + (self._folder / f"{name}.key").read_text())
        return file

    def _openssl(self, arguments: str) -> None:
        subprocess.run(["openssl", *arguments.split()], cwd=self._folder, check=True, capture_output=True)


def certificates_in(folder: Path) -> Certificates:
    """A new authority; without the openssl command the test is skipped, or fails where CI promised to have it."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI"):
            pytest.fail("The openssl command is missing: certificates cannot be tried.")
        pytest.skip("The openssl command is missing: certificates cannot be tried.")
    return Certificates(folder)
