"""One house for all tests of real workers: topics are for ever, workers come and go."""

from collections.abc import Iterator

import pytest

from tests.agents.house import House
from tests.kafka_server import KafkaServer, missing_tool


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Yield a house on a broker of its own: its topics have their real names."""
    if why := missing_tool():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("house")
    with KafkaServer() as server, House(server.bootstrap, folder) as house:
        yield house
