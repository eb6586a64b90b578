"""Why the certificate of a service is not accepted, in words: the HTTP client only tells that it is not."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from requests.adapters import DEFAULT_CA_BUNDLE_PATH

_PATIENCE_SECONDS = 10.0

_EXPIRED, _NOT_YET, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _NO_ISSUER, _OTHER_NAME, _OTHER_ADDRESS = (
    *(10, 9, 18, 19, 20, 62, 64),
)
"""OpenSSL's numbers of what is wrong with a certificate."""

_UNKNOWN_ISSUER = (
    "was issued by somebody this computer does not trust. If you were given a file of certificates for this service "
    "or for your network, name it in the settings under Further trusted certificates. Do not go on without it."
)
_WORDS = {
    _EXPIRED: "has expired, or the clock of this computer is wrong. Check the date first, then tell the service.",
    _NOT_YET: "is not valid yet: the clock of this computer is probably wrong. Put the date right.",
    _SELF_SIGNED: _UNKNOWN_ISSUER,
    _SELF_SIGNED_IN_CHAIN: _UNKNOWN_ISSUER,
    _NO_ISSUER: _UNKNOWN_ISSUER,
    _OTHER_NAME: "belongs to another name. Check the address: somebody else may be answering there.",
    _OTHER_ADDRESS: "belongs to another address. Check the address: somebody else may be answering there.",
}
_OURS = (
    "is in order, but the service did not accept who is calling. If it asks for a certificate of this practice's own, "
    "name it in the settings under Own certificate."
)
_REFUSED = "is not accepted. Check the address, the date of this computer, and the certificates in the settings."


def why_not_trusted(host: str, port: int, ca_bundle: Path | None) -> str:
    """What is wrong with the certificate that is shown at this place, as the rest of a sentence about it."""
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    if ca_bundle is not None:
        context.load_verify_locations(cafile=str(ca_bundle))
    try:
        with (
            socket.create_connection((host, port), _PATIENCE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return _OURS
    except ssl.SSLCertVerificationError as fault:
        return _WORDS.get(fault.verify_code, _REFUSED)
    except OSError:
        return _REFUSED
