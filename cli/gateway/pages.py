"""Serve `/metrics` and `/readyz` of a gateway on 127.0.0.1, and nothing else."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, Self

from aiohttp import web

from cli.gateway.meters import Meters
from streams.http import CLOSE_S_MAX, SERVER, Connection
from streams.metrics import CONTENT_TYPE


HOST: Final = "127.0.0.1"


class Pages:
    """The two pages; use it as an asynchronous context."""

    def __init__(self, meters: Meters, missing: Callable[[], str], port: int) -> None:
        """Prepare; `missing` returns what the gateway still waits for, "" when it is ready."""
        self._meters = meters
        self._missing = missing
        self._wanted_port = port
        self._requests = web.Server(self._answer)
        self._listener: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """
        Listen.

        Raises:
            OSError: the port is taken.

        """
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            # None is no access log, whatever aiohttp's annotation says
            lambda: Connection(self._requests, loop=loop, access_log=None),  # type: ignore[arg-type]
            HOST,
            self._wanted_port,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        if self._listener is not None:
            self._listener.close()
            await self._requests.shutdown(CLOSE_S_MAX)
            await self._listener.wait_closed()
            self._listener = None

    @property
    def port(self) -> int:
        """The port listened on; 0 before the start."""
        if self._listener is None:
            return 0
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if request.path not in {"/metrics", "/readyz"}:
            return web.Response(status=HTTPStatus.NOT_FOUND, headers=SERVER)
        if request.method not in {"GET", "HEAD"}:
            headers = {**SERVER, "Allow": "GET, HEAD"}
            return web.Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers=headers)
        if request.path == "/metrics":
            headers = {**SERVER, "Content-Type": CONTENT_TYPE}
            return web.Response(body=self._meters.page(), headers=headers)
        missing = self._missing()
        status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
        return web.Response(status=status, text=f"{missing or 'ready'}\n", headers=SERVER)
