"""What every proof may ask for: a broker for a whole module, and where to write figures down."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kafka_server import KafkaServer, missing_tool
from tests.proof.record import PAGE, ProofRecord


@pytest.fixture(scope="module")
def broker() -> Iterator[KafkaServer]:
    """Yield a started broker that belongs to the proofs of one module."""
    if why := missing_tool():
        pytest.skip(why)
    with KafkaServer() as server:
        yield server


@pytest.fixture(scope="session")
def proof_record(*, full: bool) -> ProofRecord:
    """Return where a proof's figures go; the short form keeps none."""
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
    return ProofRecord(PAGE if full else None, command.replace("__main__.py", "python -m pytest"))
