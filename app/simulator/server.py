"""The simulated Spine as an HTTP server on this computer alone, and its running in the foreground."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiohttp import web

from app.clock import SystemClock
from app.simulator.answer import catch_all, service_error
from app.simulator.call import Call, read_call
from app.simulator.delivery import SIMULATED, deliver, reset
from app.simulator.errors import PortInUse, StateUnreadable
from app.simulator.fault_rules import AS_USUAL
from app.simulator.journal import Journal
from app.simulator.options import HOST, SIMULATION_PATH, Addresses, SimulatorOptions
from app.simulator.spine import SimulatedSpine

_LARGEST_BODY = 10 * 1024 * 1024
_SECONDS_TO_END = 1.0
_CONNECTION: dict[str, Any] = {"access_log": None, "keepalive_timeout": 75.0}
_BACKLOG = 512
_TOO_LARGE = service_error(413, "invalid", "Request entity too large")
_log = logging.getLogger(__name__)


def run_in_foreground(options: SimulatorOptions, ready: Callable[[str], None]) -> int:
    """What `app.simulator.serve` promises."""
    asyncio.run(_serve(options, ready))
    return 0


@asynccontextmanager
async def running_spine(
    options: SimulatorOptions,
    clock: SystemClock | None = None,
    on_failure: Callable[[StateUnreadable], None] = lambda _: None,
) -> AsyncIterator[Addresses]:
    """A simulated Spine answering on the current event loop while the block lasts; gives its addresses.

    `on_failure` is told when its state can no longer be written. Raises SimulatorError when it cannot start.
    """
    with _bound_socket(options.port) as bound:
        addresses = Addresses(bound.getsockname()[1])
        journal = Journal(options.state, on_failure)
        try:
            spine = SimulatedSpine(options, addresses, clock or SystemClock(), journal)
            await journal.committed()
            server = _Server(_Handler(spine), request_factory=_request)
            runner = web.ServerRunner(server, shutdown_timeout=_SECONDS_TO_END)
            await runner.setup()
            try:
                await web.SockSite(runner, bound, backlog=_BACKLOG).start()
                yield addresses
            finally:
                await runner.cleanup()
                await spine.close()
        finally:
            await journal.close()


async def _serve(options: SimulatorOptions, ready: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[StateUnreadable | None] = loop.create_future()

    def end(failure: StateUnreadable | None = None) -> None:
        if not ended.done():
            ended.set_result(failure)

    with _on_signals(lambda: loop.call_soon_threadsafe(end)):
        async with running_spine(options, on_failure=end) as addresses:
            ready(addresses.ready_line())
            failure = await ended
    if failure is not None:
        raise failure


@contextmanager
def _on_signals(end: Callable[[], object]) -> Iterator[None]:
    """Have SIGTERM and SIGINT call this, on every platform, while the block lasts."""
    before = {number: signal.signal(number, lambda *_: end()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bound_socket(port: int) -> Iterator[socket.socket]:
    """A socket bound to this port, or a free one for 0, on this computer only; raises PortInUse."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        if os.name == "posix":
            # A port whose last owner has just ended can be taken again; a port in use cannot.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, port))
            bound.listen()
        except OSError as error:
            raise PortInUse(
                f"Port {port} on {HOST} cannot be used ({error.strerror}). End the program that uses it, or "
                "choose another port; 0 takes a free one."
            ) from error
        yield bound


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
    """A request that may carry a body as large as the service takes."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=_LARGEST_BODY)


class _Connection(web.RequestHandler):
    """One connection; even what is not HTTP is answered as a simulated Spine."""

    def handle_error(self, *args: Any, **kwargs: Any) -> web.StreamResponse:
        """The answer to a request that cannot be read."""
        response = super().handle_error(*args, **kwargs)
        response.headers.update(SIMULATED)
        return response


class _Server(web.Server):
    """Makes the connections."""

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **_CONNECTION)


class _Handler:
    """Hands requests to the Spine, and its answers back."""

    def __init__(self, spine: SimulatedSpine) -> None:
        self._spine = spine

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if request.path.startswith(f"{SIMULATION_PATH}/"):
                return await self._spine.control.handle(request)
            return await self._answer(request)
        except (ConnectionError, web.RequestPayloadError, StateUnreadable):
            # Gone before its request was whole, or nothing can be promised any more.
            return reset()
        except Exception:  # noqa: BLE001 - a mistake in here must still look like a Spine that fails
            _log.exception("The simulated Spine could not answer a request.")
            return deliver(catch_all(500), AS_USUAL)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            call = _call(request, await request.read())
        except web.HTTPRequestEntityTooLarge:
            await self._spine.refuse(_call(request, b""), _TOO_LARGE)
            return deliver(_TOO_LARGE, AS_USUAL)
        answer, action = await self._spine.respond(call, lambda: request.transport is not None)
        return deliver(answer, action)


def _call(request: web.BaseRequest, body: bytes) -> Call:
    return read_call(request.method, request.path, request.query, request.headers, body)
