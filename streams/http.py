"""
Serve `/metrics`, `/livez` and `/readyz`, and nothing else, from the worker's own event loop.

Without a router, without an access log, and without telling anybody which versions run here.
"""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, Self

import msgspec
from aiohttp import web

from streams.health import Health
from streams.metrics import CONTENT_TYPE, Metrics


TURN_S: Final = 1.0
"""How often the loop shows that it turns; what a turn takes longer is its lag."""

SERVER: Final = {"Server": "cardcue"}
"""aiohttp would name itself and Python, with versions."""

CLOSE_S_MAX: Final = 1.0
"""How long an answer under way may take when the worker stops."""

_LOG: Final = logging.getLogger(__name__)


class Connection(web.RequestHandler):
    """One client; what is not HTTP gets a bare 400, and nobody is woken for it."""

    __slots__ = ()

    def handle_error(  # type: ignore[explicit-override]
        self,
        request: web.BaseRequest,  # noqa: ARG002 (aiohttp's signature)
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 (it quotes the client)
    ) -> web.StreamResponse:
        """Answer with the bare status; only a defect of ours is logged."""
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("could not answer a request", exc_info=exc)
        answer = web.Response(status=status, headers=SERVER)
        answer.force_close()
        return answer


class MonitoringServer:
    """The three pages on one port; use it as an asynchronous context."""

    def __init__(
        self, metrics: Metrics, health: Health, *, host: str, port: int, turn_s: float = TURN_S
    ) -> None:
        """Prepare; port 0 takes a free one when it starts."""
        self._turn_s = turn_s
        self._metrics = metrics
        self._health = health
        self._host = host
        self._wanted_port = port
        self._requests = web.Server(self._answer)
        self._pages: dict[str, Callable[[], web.Response]] = {
            "/metrics": self._metrics_page,
            "/livez": self._livez_page,
            "/readyz": self._readyz_page,
        }
        self._listener: asyncio.Server | None = None
        self._turning: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """
        Listen.

        Raises:
            OSError: the port is taken; the worker must not run unwatched.

        """
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            # None is no access log, whatever aiohttp's annotation says
            lambda: Connection(self._requests, loop=loop, access_log=None),  # type: ignore[arg-type]
            self._host,
            self._wanted_port,
        )
        self._turning = asyncio.create_task(self._turn())

    async def stop(self) -> None:
        """Hang up; to call it twice is fine."""
        if self._listener is None or self._turning is None:
            return
        self._listener.close()
        self._turning.cancel()
        await asyncio.gather(self._turning, return_exceptions=True)
        await self._requests.shutdown(CLOSE_S_MAX)
        await self._listener.wait_closed()
        self._listener = self._turning = None

    async def __aenter__(self) -> Self:
        """Start, and return the server."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, however the block ended."""
        await self.stop()

    @property
    def port(self) -> int:
        """The port listened on; 0 before the start."""
        if self._listener is None:
            return 0
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def _turn(self) -> None:
        """Prove again and again that the loop turns, and how late."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + self._turn_s
            await asyncio.sleep(self._turn_s)
            self._health.loop_turned()
            self._metrics.show("cardcue_loop_lag_seconds", max(0.0, loop.time() - due_s))

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request: three paths, to be read only."""
        page = self._pages.get(request.path)
        if page is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=SERVER)
        if request.method not in {"GET", "HEAD"}:
            headers = {**SERVER, "Allow": "GET, HEAD"}
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers=headers)
        return page()

    def _metrics_page(self) -> web.Response:
        readiness = self._health.readiness()
        self._metrics.show("cardcue_ready", int(readiness.ready))
        for fold, report in readiness.folds.items():
            tasks = len(report.tasks_restored) + len(report.tasks_restoring)
            self._metrics.show("cardcue_tasks_owned", tasks, fold)
            for task, age_s in report.commit_age_s.items():
                self._metrics.show("cardcue_commit_age_seconds", age_s, fold, str(task))
        headers = {**SERVER, "Content-Type": CONTENT_TYPE}
        return web.Response(body=self._metrics.render(), headers=headers)

    def _livez_page(self) -> web.Response:
        alive = self._health.alive()
        status = HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE
        return web.Response(status=status, text="alive\n" if alive else "stuck\n", headers=SERVER)

    def _readyz_page(self) -> web.Response:
        readiness = self._health.readiness()
        return web.Response(
            status=HTTPStatus.OK if readiness.ready else HTTPStatus.SERVICE_UNAVAILABLE,
            body=msgspec.json.encode(readiness) + b"\n",
            content_type="application/json",
            headers=SERVER,
        )
