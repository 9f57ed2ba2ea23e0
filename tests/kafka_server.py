"""
A real one-node Kafka (KRaft) that a test may start, stop, kill and start again with its data.

`python -m tests.kafka_server` copies Kafka's jars into build/kafka/libs and does nothing else.
"""

import contextlib
import fcntl
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.kafka_properties import LOG4J, PROPERTIES, QUICK_JAVA


ROOT = Path(__file__).resolve().parent.parent
JAVA_MIN = 17
START_S_MAX = 60  # ten times what a start needs
STOP_S_MAX = 60

_formatted: dict[str, bytes] = {}
"""The files of an empty folder, as Kafka's own tool made them for our first broker."""


@cache
def _java_version() -> int:
    """Return the major version of the `java` on the path, 0 without one."""
    if shutil.which("java") is None:
        return 0
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    digits = told.partition('version "')[2].partition('"')[0].split(".")[0]
    return int(digits) if digits.isdigit() else 0


def missing_tool() -> str | None:
    """Return why no broker can be started on this machine, None when one can."""
    if (found := _java_version()) < JAVA_MIN:
        return f"a real Kafka needs java {JAVA_MIN}, found {found or 'none'}"
    if not _jars_complete() and shutil.which("mvn") is None:
        return "Kafka's jars are not in build/kafka/libs and there is no mvn to fetch them"
    return None


def _jars_complete() -> bool:
    stamp = ROOT / "build/kafka/pom.xml"
    return stamp.is_file() and stamp.read_bytes() == (ROOT / "deploy/kafka/pom.xml").read_bytes()


def jars() -> Path:
    """
    Return the folder of Kafka's jars, fetched by Maven if it is missing or of another pom.xml.

    Processes that start together wait for one of them to fetch.

    Raises:
        subprocess.CalledProcessError: Maven failed; its words are on stderr.
    """
    libs = ROOT / "build/kafka/libs"
    libs.parent.mkdir(parents=True, exist_ok=True)
    with (libs.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _jars_complete():
            shutil.rmtree(libs, ignore_errors=True)
            pom = ROOT / "deploy/kafka/pom.xml"
            goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
            subprocess.run(
                # -C: a jar whose checksum is not the one published fails the build
                [
                    "mvn",
                    "-B",
                    "-q",
                    "-C",
                    "-Dstyle.color=never",
                    "-f",
                    pom,
                    *goal,
                    f"-DoutputDirectory={libs}",
                ],
                check=True,
                stdin=subprocess.DEVNULL,
            )
            shutil.copyfile(pom, libs.parent / "pom.xml")
    return libs


def free_port() -> int:
    """
    Return a free port below the range that outgoing connections take theirs from.

    So that nobody sits on it while a killed broker is away.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class KafkaServer:
    """
    One broker with its own folder and its own two ports, which it keeps when started again.

    Attributes:
        bootstrap: `127.0.0.1:port`, the same for the whole life of this object.
        folder: configuration, `server.log` and data; gone after `close`.
    """

    def __init__(
        self, properties: Mapping[str, str] | None = None, java: Sequence[str] = QUICK_JAVA
    ) -> None:
        """Write the configuration; `properties` win over the ones above, `java` are for its VM."""
        port, controller_port = free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        self.folder = Path(tempfile.mkdtemp(prefix="cardcue-kafka-"))
        self._broker: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self._java_options = java
        controller = f"CONTROLLER://127.0.0.1:{controller_port}"
        everything = {
            **PROPERTIES,
            "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
            "listeners": f"PLAINTEXT://{self.bootstrap},{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "log.dirs": str(self.folder / "data"),
            **(properties or {}),
        }
        lines = (f"{name}={value}\n" for name, value in everything.items())
        (self.folder / "server.properties").write_text("".join(lines))
        (self.folder / "log4j2.properties").write_text(LOG4J)

    def __enter__(self) -> Self:
        """Start it; what could not be started leaves nothing behind."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Kill it and forget its data."""
        self.close()

    @property
    def pid(self) -> int | None:
        """The broker's process id, None while it is down."""
        return self._broker.pid if self._broker else None

    def start(self) -> None:
        """
        Start the broker on the data it has and return once it answers, after about five seconds.

        Raises:
            RuntimeError: it ended or did not answer; the message ends with its last words.
        """
        if self._broker is not None:
            return
        if not (self.folder / "data").exists():
            self._format()
        with (self.folder / "server.log").open("ab") as log:
            self._broker = subprocess.Popen(
                self._java("kafka.Kafka", str(self.folder / "server.properties")),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the tests' terminal is not for the broker
            )
        self._watch = self._watch_over(self._broker.pid, self.folder)
        self._await_answer(self._broker)

    def stop(self) -> None:
        """Shut the broker down cleanly (SIGTERM) and wait for its end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the broker in the middle of what it does (SIGKILL); its data stays."""
        self._end(signal.SIGKILL)

    def restart(self, *, clean: bool = True) -> None:
        """Stop the broker, or kill it unless `clean`, and start it again with its data."""
        if clean:
            self.stop()
        else:
            self.kill()
        self.start()

    def close(self) -> None:
        """Kill the broker and delete its folder; to call it twice is fine."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _format(self) -> None:
        """Make the data folder; the tool takes a second, so that later brokers copy the first."""
        data = self.folder / "data"
        if not _formatted:
            self._run_storage_tool()
            _formatted.update({file.name: file.read_bytes() for file in data.iterdir()})
            return
        data.mkdir()
        for name, content in _formatted.items():
            (data / name).write_bytes(content)

    def _run_storage_tool(self) -> None:
        cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        properties = str(self.folder / "server.properties")
        # --cluster-id=: the id may begin with a dash
        how = ["format", f"--cluster-id={cluster}", "-c", properties]
        done = subprocess.run(
            self._java("kafka.tools.StorageTool", *how),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"could not format kafka's folder: {done.stdout.decode()[-2000:]}")

    def _java(self, *main: str) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        machine = ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:ActiveProcessorCount=2"]
        return ["java", *machine, *self._java_options, log4j, *main]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "CLASSPATH": f"{jars()}/*"}

    def _await_answer(self, broker: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_S_MAX
        host, _, port = self.bootstrap.partition(":")
        while time.monotonic() < deadline and broker.poll() is None:
            with contextlib.suppress(OSError, KafkaException):
                socket.create_connection((host, int(port)), timeout=1).close()
                AdminClient({"bootstrap.servers": self.bootstrap}).list_topics(timeout=5)
                return
            time.sleep(0.05)
        self.kill()
        said = (self.folder / "server.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"could not start kafka at {self.bootstrap}: {said}")

    def _end(self, how: signal.Signals) -> None:
        if self._broker is None:
            return
        self._broker.send_signal(how)
        try:
            self._broker.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self._broker.kill()
            self._broker.wait(STOP_S_MAX)
        self._broker = None
        if self._watch:
            self._watch.kill()
            self._watch.communicate()
            self._watch = None

    @staticmethod
    def _watch_over(pid: int, folder: Path) -> subprocess.Popen[bytes]:
        """Return a shell that ends the broker when we end in any way: its stdin closes then."""
        script = f"cat; kill -KILL {pid}; sleep 1; rm -rf {shlex.quote(str(folder))}"
        return subprocess.Popen(
            ["sh", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )


if __name__ == "__main__":
    jars()
