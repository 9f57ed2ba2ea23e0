"""What the one factory builds is believed by a real broker over SASL_SSL, and by no other."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from streams.connection import client_arguments
from streams.settings import Settings
from streams.topic_table import topic_table
from streams.topics import TopicError, check_topics, create_topics
from tests.kafka_server import KafkaServer, free_port


pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PASSWORD = "app-s3cret"  # noqa: S105 (of a broker that lives for one test)


def openssl(folder: Path, *arguments: str) -> None:
    """Run openssl in a folder."""
    command = ["openssl", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


def certify(folder: Path, name: str) -> None:
    """Make an authority `name`.ca.pem and a certificate by it for 127.0.0.1, PEM throughout."""
    key = ["-newkey", "rsa:2048", "-nodes", "-keyout"]
    days = ["-days", "1"]
    authority = ["-subj", f"/CN={name}", "-out", f"{name}.ca.pem"]
    openssl(folder, "req", "-x509", *key, f"{name}.ca.key", *authority, *days)
    openssl(folder, "req", *key, f"{name}.key", "-subj", "/CN=broker", "-out", f"{name}.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    by = ["-CA", f"{name}.ca.pem", "-CAkey", f"{name}.ca.key", "-CAcreateserial"]
    out = ["-out", f"{name}.pem", "-extfile", "names", *days]
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", *by, *out)
    pem = (folder / f"{name}.key").read_text() + (folder / f"{name}.pem").read_text()
    (folder / f"{name}.all.pem").write_text(pem)


def secure_listener(server: KafkaServer, keystore: Path) -> str:
    """Give a broker that has not started a SASL_SSL listener beside its own; return its address."""
    address = f"127.0.0.1:{free_port()}"
    path = server.folder / "server.properties"
    lines = []
    for line in path.read_text().splitlines():
        name, _, value = line.partition("=")
        if name in {"listeners", "advertised.listeners"}:
            lines.append(f"{name}={value},SECURE://{address}")
        elif name == "listener.security.protocol.map":
            lines.append(f"{name}={value},SECURE:SASL_SSL")
        else:
            lines.append(line)
    module = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    lines += [
        "ssl.keystore.type=PEM",
        f"ssl.keystore.location={keystore}",
        "sasl.enabled.mechanisms=SCRAM-SHA-512",
        f"listener.name.secure.scram-sha-512.sasl.jaas.config={module}",
    ]
    path.write_text("\n".join(lines) + "\n")
    return address


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Yield settings of a production worker that a broker with one user will believe."""
    folder = tmp_path_factory.mktemp("secure")
    for name in ("bank", "stranger"):
        certify(folder, name)
    (folder / "password").write_text(PASSWORD + "\n")
    (folder / "wrong").write_text("wrong\n")
    server = KafkaServer()
    address = secure_listener(server, folder / "bank.all.pem")
    with server:
        admin = AdminClient({"bootstrap.servers": server.bootstrap})
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        wanted = UserScramCredentialUpsertion("app", info, PASSWORD.encode())
        for answer in admin.alter_user_scram_credentials([wanted]).values():
            answer.result(30)
        yield Settings(
            profile="production",
            bootstrap=address,
            security_protocol="SASL_SSL",
            sasl_username="app",
            sasl_password_file=str(folder / "password"),
            ssl_ca_file=str(folder / "bank.ca.pem"),
        )


async def test_both_clients_are_believed(secure: Settings) -> None:
    """The worker's client and the administrative one log in with a mounted password over TLS."""
    topics = [topic for topic in topic_table(secure) if topic.name == "card.issue.v1"]
    create_topics(secure, topics)
    producer = AIOKafkaProducer(**client_arguments(secure))
    await producer.start()
    sent = await producer.send_and_wait("card.issue.v1", b"{}", partition=0)
    await producer.stop()

    assert ("card.issue.v1", 0, 0) == (sent.topic, sent.partition, sent.offset)
    assert [] == check_topics(secure, topics)


@pytest.mark.parametrize(
    ("setting", "file"), [("ssl_ca_file", "stranger.ca.pem"), ("sasl_password_file", "wrong")]
)
@pytest.mark.filterwarnings("ignore:Unclosed AIOKafka:ResourceWarning")
async def test_nobody_is_believed_without_proof(secure: Settings, setting: str, file: str) -> None:
    """A broker of another authority is not talked to; a wrong password is not let in."""
    wrong = Path(secure.ssl_ca_file).parent / file
    settings = msgspec.structs.replace(secure, **{setting: str(wrong)})
    producer = AIOKafkaProducer(**client_arguments(settings))

    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()
    with pytest.raises(TopicError, match=r"(?i)certificate|authentication"):
        check_topics(settings, timeout_s=2)
