"""Where the Spine and its sign-in service are, and how long to wait for them. Addresses are checked here, once."""

from __future__ import annotations

import math
import os
import re
import ssl
import stat
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from app.domain.errors import BadInput

NO_SIGN_IN = "none"
"""The sign-in address that says there is none: the NHS sandbox asks for no token."""

_HOST_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineSettings:
    """The client's settings; times in seconds. Raises `BadInput` naming the setting that cannot be used.

    `deadline` is for a whole exchange, however its bytes trickle. `proxy`, an http:// address, is the only one ever
    used: the environment's is not looked at, and an address on this computer is reached directly. `ca_bundle` is a
    file of certificates to trust beside the usual ones; there is no way to trust just anybody. `client_certificate` is
    a file with a certificate and its key, to show to a service that asks for one.
    """

    spine_url: str
    auth_url: str
    connect_timeout: float = 10.0
    read_timeout: float = 65.0
    deadline: float = 75.0
    proxy: str | None = None
    ca_bundle: Path | None = None
    client_certificate: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "spine_url", _service_address(self.spine_url, "SPINE_URL"))
        auth_url = self.auth_url.strip()
        if auth_url.lower() == NO_SIGN_IN:
            object.__setattr__(self, "auth_url", NO_SIGN_IN)
        else:
            object.__setattr__(self, "auth_url", _service_address(auth_url, "AUTH_URL"))
        for key in ("connect_timeout", "read_timeout", "deadline"):
            seconds = getattr(self, key)
            if not (math.isfinite(seconds) and seconds > 0):
                raise BadInput(f"The setting {key.upper()}_SECONDS must be a number of seconds above 0.")
        if self.proxy is not None:
            _parts(self.proxy, "the setting PROXY", schemes=("http",))
        if self.ca_bundle is not None:
            _check_certificates(self.ca_bundle)
        if self.client_certificate is not None:
            _check_own_certificate(self.client_certificate)

    @property
    def needs_sign_in(self) -> bool:
        """Whether there is a sign-in service; without one no token is sent."""
        return self.auth_url != NO_SIGN_IN

    def proxies_for(self, url: str) -> dict[str, str]:
        """The proxy by which to reach this address, as `requests` takes it."""
        if self.proxy is None or _is_loopback(urlsplit(url).hostname or ""):
            return {}
        return {"http": self.proxy, "https": self.proxy}


def _service_address(text: str, key: str) -> str:
    """The address without a trailing slash."""
    parts = _parts(text.strip(), f"the setting {key}")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise BadInput(f"The address in the setting {key} may not hold a user name, a password, ? or #.")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise BadInput(
            f"The address in the setting {key} must begin with https://; http:// is only for a Spine on this computer."
        )
    return parts.geturl().rstrip("/")


def _parts(text: str, what: str, schemes: tuple[str, ...] = ("https", "http")) -> SplitResult:
    # The address itself is not repeated: it may hold a password.
    unusable = BadInput(f"The address in {what} cannot be used: it must look like {schemes[0]}://host/path.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise unusable from None
    host = parts.hostname or ""
    if parts.scheme not in schemes or port == 0 or not (_HOST_NAME.fullmatch(host) or _is_address(host)):
        raise unusable
    if not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        raise unusable
    return parts


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _check_certificates(path: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(path))
    except (OSError, ValueError):
        raise BadInput(
            f"The file of trusted certificates {path} cannot be read. It must hold certificates in PEM form."
        ) from None


def show_own_certificate(context: ssl.SSLContext, path: Path) -> None:
    """Have connections of this context show the certificate of a file. Raises OSError where it cannot be used."""
    # Nobody sits at a run by night who could type a passphrase.
    context.load_cert_chain(str(path), password=lambda: "")


def _check_own_certificate(path: Path) -> None:
    try:
        show_own_certificate(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), path)
        for_others = os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077
    except (OSError, ValueError):
        raise BadInput(
            f"The file with this practice's own certificate {path} cannot be used. It must hold the certificate and "
            "its key in PEM form, the key without a passphrase."
        ) from None
    if for_others:
        raise BadInput(
            f"The file with this practice's own certificate {path} can be read by others on this computer. Make it "
            "readable for its owner alone, because its key is in it."
        )
