"""
End the process at once: the only place that does.

Crash-only: on any doubt nothing is repaired in place. No cleanup runs, so no half-known state is
committed; the supervisor starts the worker again, and a successor's fence aborts what was open.
"""

import os
import sys
import traceback
from typing import Final, NoReturn


EXIT_CRASHED: Final = 70
"""`EX_SOFTWARE`: restart is the recovery path."""


def stop_process(error: BaseException) -> NoReturn:
    """Print where it failed (no payload is ever in our messages) and exit with code 70."""
    traceback.print_exception(error, file=sys.stderr)
    sys.stderr.flush()
    os._exit(EXIT_CRASHED)
