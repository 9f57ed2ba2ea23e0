"""Find what a model's inputs are called, in the control topic that has defined them."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress

from cli.log import TopicLog, whole_topic
from cli.policy_log import CONTROL_TOPIC
from cli.why.scores import Titles
from schemas.decisions import Decision
from schemas.events import ModelDefined
from schemas.incoming import SourceReader
from schemas.model import Model
from schemas.rejects import RejectedError
from streams.port import LogError
from streams.settings import Settings


async def titles_of(log: TopicLog, settings: Settings, records: Iterable[Decision]) -> Titles:
    """Return the titles of the models that scored; ids speak for what is not in the log."""
    scored = {
        (record.tenant, one.model.rpartition("|")[0])
        for record in records
        for one in record.candidates
        if one.model
    }
    titles: dict[str, dict[str, str]] = {}
    if scored:
        with suppress(LogError):  # whoever may not read it is told the ids
            async for tenant, model in _defined(log, settings):
                name = f"{model.id}|{model.version}"
                if (tenant, name) in scored:
                    titles[name] = {one.id: one.title for one in model.inputs}
    return titles


async def _defined(log: TopicLog, settings: Settings) -> AsyncGenerator[tuple[str, Model], None]:
    """Yield each definition that ingest would read, with its tenant."""
    for binding in settings.bindings:
        if (binding.contract or binding.topic) == CONTROL_TOPIC:
            reader = SourceReader(binding, settings.tenants)
            async for record in whole_topic(log, binding.topic):
                with suppress(RejectedError):
                    incoming = reader.read(record)
                    if isinstance(incoming.record, ModelDefined):
                        yield incoming.tenant, incoming.record.model
