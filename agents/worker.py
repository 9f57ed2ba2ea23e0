"""
START HERE: settings -> app -> agents -> shells; the composition root.

The only module that builds anything at import, because `faust -A agents.worker worker` wants an
app to import. Run it so, or as `cardcue worker`.
"""

import os

from agents.app import build_app
from agents.clock import attach_clock
from agents.ingest import attach_ingest
from agents.insight import attach_insight
from agents.learning import attach_learning
from agents.lifecycle import attach_lifecycle
from agents.runtime import Runtime
from agents.specs import fold_specs
from streams.exit import stop_process
from streams.logs import configure_logs
from streams.settings import read_settings


settings = read_settings(os.environ)
configure_logs(settings.log_level)
app = build_app(settings)

# One channel and one agent a fold, in the order of the way of an event.
channels = {name: app.channel() for name in settings.folds}
ATTACH = {
    "ingest": attach_ingest,
    "clock": attach_clock,
    "lifecycle": attach_lifecycle,
    "learning": attach_learning,
    "insight": attach_insight,
}
agents = [ATTACH[name](app, channel, stop_process) for name, channel in channels.items()]


@app.task  # type: ignore[untyped-decorator] # Faust's
async def run() -> None:
    """Serve the tasks that are ours, until the worker stops."""
    # Exactly once, and before any slice is delivered: resuming empties every channel.
    app.flow_control.resume()
    await Runtime(settings, fold_specs(settings), channels, stop_process).run()
