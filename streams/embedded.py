"""
Run a Kafka broker inside this process: for the demonstration and for quick tests, no more.

It is librdkafka's mock cluster, which speaks Kafka's protocol on a loopback port. It keeps
headers, keys and producer timestamps exactly, and answers transactions, but it keeps few of the
promises behind them: read `BANNER` before trusting anything seen on it.
"""

import ctypes
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from streams import mockcluster


BROKER_COUNT = 1
"""One broker: replicas would live in the same process and protect from nothing."""

LOG_LEVEL_ERROR = "3"
"""Syslog's number. Without it librdkafka prints to stderr that it knows no broker: it is one."""

BANNER = """\
EMBEDDED BROKER: for a demonstration only. What it does not do:
  * one worker a fold, no restart: offsets committed in a transaction are not stored,
    and nobody is fenced: a second producer with the same transactional id goes on writing;
  * 5 MiB (or 100,000 batches) per partition: older batches are silently dropped;
  * memory only: everything is gone when this process ends;
  * no compaction: a changelog beyond 5 MiB cannot be restored from;
  * aborted records are visible, and records of an open transaction too, to read_committed as well;
  * loopback only, no TLS, no passwords, no ACLs.
Never prove reliability on it: that takes a real Kafka (KAFKA_BOOTSTRAP, or `make up`)."""
"""What whoever starts the broker must show to people."""


class EmbeddedBrokerError(RuntimeError):
    """The embedded broker could not start or could not do what it was asked for."""


class EmbeddedBroker:
    """
    One in-process broker on a free loopback port, up from construction until `close`.

    Clients must read with `check_crcs=False` (its commit markers carry no checksum) and
    should set a small `fetch_max_wait_ms`: a fetch that finds nothing waits that long even when
    a record arrives meanwhile.
    All methods block for a few milliseconds. Not safe to share between threads.
    """

    def __init__(self, *, join_delay_ms: int = 0) -> None:
        """
        Start the broker without topics.

        Args:
            join_delay_ms: how long a consumer group without members waits for more of them
                after the first has joined; at least 0. librdkafka's own default is 3,000.

        Raises:
            MockClusterError: the bundled librdkafka is not the expected one.
            EmbeddedBrokerError: librdkafka could not start its threads or sockets.
        """
        self._library = mockcluster.load_librdkafka()
        with _signals_blocked():
            self._client: int | None = _new_client(self._library)
            self._cluster: int | None = self._library.rd_kafka_mock_cluster_new(
                self._client, BROKER_COUNT
            )
        if not self._cluster:
            self._library.rd_kafka_destroy(self._client)
            raise EmbeddedBrokerError("wanted a mock cluster, found no thread or port for it")
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, join_delay_ms)
        text: bytes = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster)
        self._bootstrap = text.decode()

    @property
    def bootstrap(self) -> str:
        """Return `127.0.0.1:<port>`, what clients call `bootstrap_servers`."""
        return self._bootstrap

    def create_topic(self, name: str, partitions: int) -> None:
        """
        Create the topic; create every topic before any client asks for it by name.

        The broker answers a first question about an unknown topic by making it with 4 partitions.

        Raises:
            EmbeddedBrokerError: the topic exists, the count is below 1, or the broker is closed.
        """
        if partitions < 1:
            raise EmbeddedBrokerError(
                f"topic {name}: wanted 1 or more partitions, found {partitions}"
            )
        if self._cluster is None:
            raise EmbeddedBrokerError(f"topic {name}: wanted a running broker, found a closed one")
        code = self._library.rd_kafka_mock_topic_create(
            self._cluster, name.encode(), partitions, BROKER_COUNT
        )
        if code:
            text: bytes = self._library.rd_kafka_err2str(code)
            raise EmbeddedBrokerError(f"topic {name}: wanted a new topic, found {text.decode()}")

    def close(self) -> None:
        """Drop all records, hang up on all clients, end the broker's threads; twice is once."""
        cluster, self._cluster = self._cluster, None
        client, self._client = self._client, None
        if cluster is not None:
            self._library.rd_kafka_mock_cluster_destroy(cluster)
        if client is not None:
            self._library.rd_kafka_destroy(client)

    def __enter__(self) -> Self:
        """Return the running broker."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the broker however the block ended."""
        self.close()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """
    Let no thread that is made in the block ever take a signal.

    The cluster's thread ends at a poll that one interrupts, and whoever closes the broker then
    waits for ever, or crashes. A signal goes there whenever the main thread has it blocked, as it
    has while a process is started.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _new_client(library: ctypes.CDLL) -> int:
    """Return the librdkafka client that owns the mock cluster; it never connects itself."""
    text = ctypes.create_string_buffer(mockcluster.ERROR_TEXT_BYTES)
    settings = library.rd_kafka_conf_new()
    if library.rd_kafka_conf_set(
        settings, b"log_level", LOG_LEVEL_ERROR.encode(), text, mockcluster.ERROR_TEXT_BYTES
    ):
        library.rd_kafka_conf_destroy(settings)
        raise EmbeddedBrokerError(f"wanted a quiet librdkafka, found {text.value.decode()}")
    client: int | None = library.rd_kafka_new(
        mockcluster.KIND_PRODUCER, settings, text, mockcluster.ERROR_TEXT_BYTES
    )
    if client is None:
        library.rd_kafka_conf_destroy(settings)  # taken over only by a client that started
        raise EmbeddedBrokerError(f"wanted a librdkafka client, found {text.value.decode()}")
    return client
