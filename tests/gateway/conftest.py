"""What the gateway's tests ask for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.world import World


@pytest.fixture
def new_world(tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Yield how to start a gateway with settings of its own; all are closed afterwards."""
    worlds: list[World] = []

    def make(**chosen: Any) -> World:  # noqa: ANN401 (settings of any kind)
        worlds.append(World(tmp_path, **chosen))
        return worlds[-1]

    yield make
    for world in worlds:
        world.store.close()


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    """Return a gateway whose provider delivers everything."""
    return new_world()
