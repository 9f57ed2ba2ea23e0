"""What every proof may ask for: a broker to break, and where to write figures down."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kafka_server import KafkaServer, missing_tool
from tests.proof.record import PAGE, ProofRecord


@pytest.fixture(scope="session")
def _broker() -> Iterator[KafkaServer]:
    """Yield the one broker of all proofs: each stand clears it and has names of its own on it."""
    if why := missing_tool():
        pytest.skip(why)
    with KafkaServer() as server:
        yield server


@pytest.fixture(scope="module")
def broker(_broker: KafkaServer) -> KafkaServer:
    """Return a broker that the proofs of a module may stop, kill and restart; it runs now."""
    _broker.start()  # does nothing unless a proof failed while it was down
    return _broker


@pytest.fixture(scope="session")
def proof_record(*, full: bool) -> ProofRecord:
    """Return where a proof's figures go; the short form keeps none."""
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return ProofRecord(PAGE if full else None, command.replace("__main__.py", "python -m pytest"))
