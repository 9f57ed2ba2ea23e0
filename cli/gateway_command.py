"""`cardcue gateway`: the last mile as a bank's team would write it, with a simulated provider."""

import asyncio
import os
import signal
from pathlib import Path

import click

from cli.gateway.service import Gateway
from cli.gateway.settings import read_gateway_settings
from cli.gateway.simulated import SimulatedProvider
from streams.clock import wall_clock_ms
from streams.exit import stop_process
from streams.logs import configure_logs
from streams.settings import SettingsError, read_settings


@click.command()
@click.option(
    "--settings",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The gateway's own YAML file; Kafka and tenants come from CARDCUE_SETTINGS.",
)
def gateway(path: Path) -> None:
    """
    Send triggers by a simulated provider, and answer them, until told to stop.

    Exit code 70 means: start it again. docs/gateway.md is the contract for a gateway of your own.
    """
    asyncio.run(_run(path))


async def _run(path: Path) -> None:
    """Run a gateway; a doubt ends the process at once, the store knows how far it was."""
    settings = read_settings(os.environ)
    own = read_gateway_settings(path)
    configure_logs(settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        provider = SimulatedProvider(own.simulated, wall_clock_ms)
        await Gateway(settings, own, provider, wall_clock_ms).run(stop)
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, a restart is the way back)
        stop_process(error)
