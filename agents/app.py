"""
Build the Faust app: Faust's worker, agents and supervision, without Faust's consumer and producer.

Faust's own data path skips, doubles and loses records under kill -9; ours is `streams.task`
(docs/adr/0002-own-data-path.md).
"""

import tempfile
from pathlib import Path

import faust
from faust.app.base import BootStrategy

from streams.logs import logging_configuration
from streams.settings import Settings


class OwnLogPath(BootStrategy):
    """Start neither Faust's Kafka clients nor its web server, which listens on all addresses."""

    enable_kafka_consumer = False
    enable_kafka_producer = False
    enable_web = False


class CardcueApp(faust.App):
    """A Faust app whose data comes through our own shell."""

    BootStrategy = OwnLogPath


def build_app(settings: Settings) -> faust.App:
    """Return the app; nothing connects before it is started."""
    return CardcueApp(
        settings.app_id,
        broker=f"kafka://{settings.bootstrap}",
        autodiscover=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        # the log is ours: without this the worker would wrap each line of it in another
        logging_config=logging_configuration(settings.log_level),
        worker_redirect_stdouts=False,
        store="memory://",
        # Faust makes this directory and, with tables in memory, puts nothing into it
        datadir=Path(tempfile.gettempdir()) / "cardcue-faust",
        # an agent falls behind by what its tasks hold back themselves (two transactions each)
        stream_buffer_maxsize=1024,
    )
