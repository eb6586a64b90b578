"""Putting an answer on the wire: whole, or damaged the way networks and servers damage it."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import web

from app.simulator.answer import FHIR_JSON, Answer
from app.simulator.fault_rules import Action, Delivery

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

SIMULATED = {"X-Simulated-Spine": "true"}
_MISSING_BYTES = 200
_NO_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_FILLER = Answer(
    0,
    b'{"resourceType": "OperationOutcome", "issue": [{"severity": "information", "code": "informational"}]}',
    FHIR_JSON,
)


def deliver(answer: Answer | None, action: Action) -> web.StreamResponse:
    """The response that sends this answer the way the action says; no answer resets the connection."""
    if answer is None or action.delivery is Delivery.LOST:
        return _Reset()
    if action.delivery is Delivery.WHOLE:
        return _whole(answer)
    return _Raw(answer, action)


def reset() -> web.StreamResponse:
    """The response that is none: the connection is reset."""
    return _Reset()


def _whole(answer: Answer) -> web.Response:
    headers = {**answer.headers, **SIMULATED}
    if answer.content_type is not None:
        headers["Content-Type"] = answer.content_type
    response = web.Response(status=answer.status, reason=answer.reason, body=answer.body, headers=headers)
    if answer.content_type is None:
        response.headers.popall("Content-Type", None)
    return response


class _Reset(web.StreamResponse):
    """No answer: the connection is reset, as when a server dies."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        transport = request.transport
        if transport is not None:
            # Without lingering the kernel sends a reset instead of an orderly end.
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            transport.abort()
        raise ConnectionResetError


class _Raw(web.StreamResponse):
    """An answer written byte by byte past the HTTP library, which would not let a wrong one out."""

    def __init__(self, answer: Answer, action: Action) -> None:
        super().__init__(status=answer.status)
        self._answer = answer
        self._action = action

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        head, body = self._head_and_body()
        if self._action.delivery is Delivery.SLOW_HEADERS:
            await self._drip(request, head + body)
        elif self._action.delivery is Delivery.SLOW_BODY:
            await self._send(request, head)
            await self._drip(request, body)
        else:
            await self._send(request, head + body)
        raise ConnectionResetError  # the way to tell the library that this connection is done with

    def _head_and_body(self) -> tuple[bytes, bytes]:
        answer = self._answer
        body, content_type = answer.body, answer.content_type
        if not body:
            body, content_type = _FILLER.body, _FILLER.content_type
        missing = _MISSING_BYTES if self._action.delivery is Delivery.TRUNCATED else 0
        headers = {
            **answer.headers,
            **SIMULATED,
            "Content-Type": content_type,
            "Content-Length": str(len(body) + missing),
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {answer.status} {answer.reason or _phrase(answer.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body

    async def _drip(self, request: web.BaseRequest, data: bytes) -> None:
        size = self._action.chunk_bytes
        for start in range(0, len(data), size):
            await self._send(request, data[start : start + size])
            await asyncio.sleep(self._action.interval_seconds)

    async def _send(self, request: web.BaseRequest, data: bytes) -> None:
        transport: Any = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        transport.write(data)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "Unknown"
