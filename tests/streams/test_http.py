"""The monitoring pages: three paths, loopback unless asked, reasons why not ready."""

import asyncio
import json
from http import HTTPStatus
from typing import NamedTuple

import pytest

from streams.health import COMMIT_AGE_S_MAX, LOOP_SILENCE_S_MAX, Health
from streams.http import MonitoringServer
from streams.metrics import Metrics
from streams.settings import Settings


class Clock:
    """Monotonic seconds that the test moves by hand."""

    def __init__(self) -> None:
        """Start anywhere."""
        self.now_s = 1_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


class Watched(Health):
    """Health that notes the turns of the loop in an event, and does not count them."""

    def __init__(self, clock: Clock) -> None:
        """Start without a turn."""
        super().__init__(("lifecycle",), now_s=clock)
        self.seen = asyncio.Event()

    def loop_turned(self) -> None:
        """Take note in the event only."""
        self.seen.set()


class Answer(NamedTuple):
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(port: int, request: str) -> Answer:
    """Send raw bytes and read the whole answer: no client that tidies up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return Answer(int(status.split()[1]), headers, body)


async def get(server: MonitoringServer, path: str, method: str = "GET") -> Answer:
    """Ask for a page on a connection of its own."""
    return await ask(
        server.port, f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )


def serving(health: Health) -> MonitoringServer:
    """Return a server on a free loopback port."""
    return MonitoringServer(Metrics("0.1.0"), health, host="127.0.0.1", port=0)


async def test_server_listens_on_loopback_unless_asked() -> None:
    """By default nobody but this machine can reach the pages: no other address accepts."""
    settings = Settings()
    async with MonitoringServer(
        Metrics("0.1.0"), Health(()), host=settings.http_host, port=0
    ) as server:
        addresses = {socket.getsockname()[0] for socket in server._listener.sockets}  # noqa: SLF001
        elsewhere = asyncio.open_connection("127.0.0.2", server.port)
        with pytest.raises(ConnectionRefusedError):
            await elsewhere

    assert {"127.0.0.1"} == addresses


@pytest.mark.parametrize(
    "path", ["/", "/metrics/", "/metrics/../etc/passwd", "/admin", "/livez%00", "//metrics"]
)
async def test_server_has_no_other_route(path: str) -> None:
    """Whatever is not one of the three paths does not exist."""
    async with serving(Health(())) as server:
        answer = await get(server, path)

    assert (HTTPStatus.NOT_FOUND, b"") == (answer.status, answer.body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
async def test_server_can_only_be_read(method: str) -> None:
    """No page changes anything."""
    async with serving(Health(())) as server:
        answer = await get(server, "/livez", method)

    assert HTTPStatus.METHOD_NOT_ALLOWED == answer.status
    assert "GET, HEAD".lower() == answer.headers["allow"]


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /livez HTTP/9.9 <script>\r\n\r\n",
        "\x16\x03\x01 this is no HTTP\r\n\r\n",
    ],
)
async def test_server_names_no_version(request_text: str) -> None:
    """Neither a good nor a broken request learns which aiohttp and Python run, or is quoted."""
    async with serving(Health(())) as server:
        answer = await ask(server.port, request_text)

    assert "cardcue" == answer.headers["server"]
    assert not any(word in str(answer).lower() for word in ("python", "aiohttp/", "script"))


async def test_metrics_page_is_what_prometheus_reads() -> None:
    """`/metrics` is the text format, with readiness and the tasks of each fold as gauges."""
    health = Health(("lifecycle",))
    health.task_assigned("lifecycle", 2)
    async with serving(health) as server:
        answer = await get(server, "/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.body.decode().splitlines()
    assert "cardcue_ready 0.0" in lines
    assert 'cardcue_tasks_owned{fold="lifecycle"} 1.0' in lines
    assert 'cardcue_commit_age_seconds{fold="lifecycle",task="2"} 0.0' in lines


async def test_readyz_gives_every_reason_until_restored() -> None:
    """Not ready before each fold has joined and each task of ours has its rows; then ready."""
    health = Health(("ingest", "lifecycle"))
    async with serving(health) as server:
        at_start = await get(server, "/readyz")
        health.joined("ingest")
        health.task_assigned("lifecycle", 1)
        health.task_assigned("lifecycle", 0)
        restoring = await get(server, "/readyz")
        health.task_opened("lifecycle", 0)
        health.task_opened("lifecycle", 1)
        restored = await get(server, "/readyz")

    assert [503, 503, 200] == [at_start.status, restoring.status, restored.status]
    assert [
        "ingest has not joined its group",
        "lifecycle has not joined its group",
    ] == json.loads(at_start.body)["reasons"]
    assert [
        "lifecycle task 0 restores its rows",
        "lifecycle task 1 restores its rows",
    ] == json.loads(restoring.body)["reasons"]
    assert [] == json.loads(restored.body)["reasons"]


async def test_readyz_is_json_that_names_tasks_and_ages() -> None:
    """Whoever looks sees which tasks are ours; a worker without a task stands by, ready."""
    health = Health(("clock", "lifecycle"))
    health.joined("clock")
    health.task_opened("lifecycle", 2)
    async with serving(health) as server:
        answer = await get(server, "/readyz")

    none_yet = {"joined": True, "tasks_restored": [], "tasks_restoring": [], "commit_age_s": {}}
    ours = {**none_yet, "tasks_restored": [2], "commit_age_s": {"2": 0.0}}
    assert "application/json" == answer.headers["content-type"].split(";")[0]
    assert {
        "ready": True,
        "reasons": [],
        "folds": {"clock": none_yet, "lifecycle": ours},
    } == json.loads(answer.body)


def test_readiness_ends_when_a_commit_is_overdue() -> None:
    """
    What was read must be committed within 30 s; an idle task owes nothing.

    waits at 1000; again at 1020 (changes nothing); ready at 1030, not at 1030.5.
    """
    clock = Clock()
    health = Health(("ingest",), now_s=clock)
    health.task_opened("ingest", 0)
    health.joined("ingest")
    clock.now_s += 3_600
    idle = health.readiness()
    health.work_waits("ingest", 0)
    clock.now_s += 20
    health.work_waits("ingest", 0)
    clock.now_s += COMMIT_AGE_S_MAX - 20
    at_the_edge = health.readiness()
    clock.now_s += 0.5
    overdue = health.readiness()
    health.committed("ingest", 0, work_left=True)
    clock.now_s += 1
    again = health.readiness()

    assert idle.ready
    assert at_the_edge.ready
    assert not overdue.ready
    assert ["ingest task 0 waits 30 s for a commit, wanted 30 s or less"] == overdue.reasons
    assert again.ready
    assert {0: 1.0} == again.folds["ingest"].commit_age_s


def test_readiness_forgets_a_task_that_went_elsewhere() -> None:
    """A task given to another worker keeps nobody here from being ready."""
    health = Health(("ingest",))
    health.task_assigned("ingest", 3)
    health.task_closed("ingest", 3)
    health.committed("ingest", 3)
    health.work_waits("ingest", 3)

    assert health.readiness().ready


async def test_livez_asks_only_whether_the_loop_turns() -> None:
    """Alive while nothing is restored; stuck after 10 s without a turn; alive again after one."""
    clock = Clock()
    health = Watched(clock)
    async with serving(health) as server:
        restoring = await get(server, "/livez")
        clock.now_s += LOOP_SILENCE_S_MAX
        stuck = await get(server, "/livez")
        Health.loop_turned(health)
        again = await get(server, "/livez")

    assert (HTTPStatus.OK, b"alive\n") == (restoring.status, restoring.body)
    assert (HTTPStatus.SERVICE_UNAVAILABLE, b"stuck\n") == (stuck.status, stuck.body)
    assert HTTPStatus.OK == again.status


async def test_server_turns_the_loop_and_shows_its_lag() -> None:
    """The server itself proves that the loop turns, and tells how late the last turn was."""
    health = Watched(Clock())
    metrics = Metrics("0.1.0")
    async with (
        MonitoringServer(metrics, health, host="127.0.0.1", port=0, turn_s=0.001) as server,
        asyncio.timeout(10),
    ):
        await health.seen.wait()
        health.seen.clear()
        await health.seen.wait()
        answer = await get(server, "/metrics")

    (line,) = (
        line for line in answer.body.decode().splitlines() if line.startswith("cardcue_loop_lag")
    )
    assert float(line.split()[1]) > 0


async def test_server_refuses_a_taken_port_and_frees_its_own() -> None:
    """A worker that nobody could watch does not start; a stopped one leaves its port free."""
    async with serving(Health(())) as first:
        port = first.port
        second = MonitoringServer(Metrics("0.1.0"), Health(()), host="127.0.0.1", port=port)
        with pytest.raises(OSError, match="in use"):
            await second.start()
    third = MonitoringServer(Metrics("0.1.0"), Health(()), host="127.0.0.1", port=port)
    async with third:
        answer = await get(third, "/livez")
    await third.stop()

    assert HTTPStatus.OK == answer.status
    assert 0 == third.port
