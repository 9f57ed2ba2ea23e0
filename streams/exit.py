"""
End the process at once: the only place that does.

Crash-only: on any doubt nothing is repaired in place. No cleanup runs, so no half-known state is
committed; the supervisor starts the worker again, and a successor's fence aborts what was open.
"""

import logging
import os
from typing import Final, NoReturn


EXIT_CRASHED: Final = 70
"""`EX_SOFTWARE`: restart is the recovery path."""

_LOG: Final = logging.getLogger(__name__)


def stop_process(error: BaseException) -> NoReturn:
    """Log where and why it failed, without what a message might quote, and exit with code 70."""
    _LOG.critical("stopped on a doubt", exc_info=error)
    logging.shutdown()
    os._exit(EXIT_CRASHED)
