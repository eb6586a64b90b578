"""Looking whether the Spine and its sign-in service can be reached, without touching any patient, and saying so."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from app.clock import Clock
from app.engine.connection import Remark, Verdict
from app.spine.certificate import why_not_trusted
from app.spine.exchange import Exchanger, Reply, Trouble
from app.spine.messages import Message
from app.spine.settings import SpineSettings

_PATIENCE_SECONDS = 15.0
_SERVER_FAULT = 500
_NOT_FOUND = 404


def look_at_spine(settings: SpineSettings, clock: Clock) -> tuple[Reply, list[Remark]]:
    """Ask the Spine's address for its health: the reply, and what it means."""
    reply = _ask(settings, settings.spine_url, "healthcheck", clock)
    where = _place(settings.spine_url)
    if reply.status is None:
        return reply, [_unreached("The Spine", settings.spine_url, reply.trouble, settings)]
    if reply.simulated:
        return reply, [_good(f"A simulated Spine answers at {where}. Nothing that is done with it is real.")]
    if reply.status >= _SERVER_FAULT:
        return reply, [_bad(f"Something answers at {where}, but with an error ({reply.status}). Try again later.")]
    return reply, [_good(f"A real service answers at {where}, not a simulated one. It was asked about no patient.")]


def spine_answers(settings: SpineSettings, clock: Clock) -> bool:
    """Whether the Spine's address gives any answer but an error of the service. May take seconds."""
    reply = _ask(settings, settings.spine_url, "healthcheck", clock)
    return reply.status is not None and reply.status < _SERVER_FAULT


def look_at_sign_in(settings: SpineSettings, clock: Clock) -> Remark:
    """Ask the sign-in service's address for nothing in particular: any answer but an error shows that it is there."""
    if not settings.needs_sign_in:
        return Remark(
            Verdict.NOTE, "No sign-in is asked for: the sandbox takes no Smartcard, and holds no real patient."
        )
    reply = _ask(settings, settings.auth_url, "userinfo", clock)
    where = _place(settings.auth_url)
    if reply.status is None:
        return _unreached("The sign-in service", settings.auth_url, reply.trouble, settings)
    if reply.status == _NOT_FOUND:
        return _bad(
            f"Something answers at {where}, but it is not a sign-in service. Check the address in the settings."
        )
    if reply.status >= _SERVER_FAULT:
        return _bad(f"The sign-in service at {where} answers with an error ({reply.status}). Try again later.")
    return _good(f"The sign-in service answers at {where}.")


def _ask(settings: SpineSettings, base: str, path: str, clock: Clock) -> Reply:
    exchanger = Exchanger(settings, base, clock.monotonic)
    try:
        message = Message("GET", f"{base}/{path}", {"Accept": "*/*"})
        return exchanger.exchange(message, clock.monotonic() + _PATIENCE_SECONDS)
    finally:
        exchanger.close()


def _unreached(what: str, url: str, trouble: Trouble | None, settings: SpineSettings) -> Remark:
    host, port = _peer(url)
    where = _place(url)
    if trouble is Trouble.CERTIFICATE:
        if settings.proxies_for(url):
            return _bad(f"{what} or the proxy shows a certificate that is not accepted. Ask whoever runs your network.")
        return _bad(f"The certificate shown at {where} {why_not_trusted(host, port, settings.ca_bundle)}")
    if trouble is Trouble.NOT_CONNECTED:
        return _bad(_not_connected(what, url, settings))
    if trouble is Trouble.SET_UP:
        return _bad(f"{what} cannot be asked: its address or the way to it is not usable. Check the settings.")
    return _bad(f"Something answers at {where}, but not as {what.lower()} would. Check the address in the settings.")


def _not_connected(what: str, url: str, settings: SpineSettings) -> str:
    where = _place(url)
    if proxy := settings.proxies_for(url):
        by = _place(next(iter(proxy.values())))
        return (
            f"{what} at {where} cannot be reached by the proxy {by}. Check the proxy in the settings, then the network."
        )
    if not _is_known(url):
        return f"{what} cannot be found: the name {_peer(url)[0]} is not known. Check the address, then the network."
    return f"Nothing answers at {where}. Check the address in the settings, and that the network is there."


def _is_known(url: str) -> bool:
    try:
        socket.getaddrinfo(*_peer(url))
    except OSError:
        return False
    return True


def _peer(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _place(url: str) -> str:
    """Whose address this is, without its path: what people can compare with what they were told."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""


def _good(words: str) -> Remark:
    return Remark(Verdict.GOOD, words)


def _bad(words: str) -> Remark:
    return Remark(Verdict.BAD, words)
