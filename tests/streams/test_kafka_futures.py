"""What a producer fails with is said once, by us."""

import asyncio
import gc
import logging

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from streams.kafka_futures import hear_out


PLACE = TopicPartition("rows", 0)


@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.logs_errors("unheard, the client complains: that is what it is heard out for")
async def test_failed_batches_and_commits_are_heard_out(
    *, heard: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The client's own futures, failed as its sender fails them: silent only where heard."""
    producer = AIOKafkaProducer(transactional_id="app-ingest-0")
    manager, accumulator = producer._txn_manager, producer._message_accumulator  # noqa: SLF001 (it has no public door)
    manager.set_pid_and_epoch(1, 0)
    manager.begin_transaction()
    batch = producer.create_batch()
    batch.append(key=b"k", value=b"v", timestamp=None, headers=[])
    sent = await accumulator.add_batch(batch, PLACE, 1)
    accumulator.fail_all(ProducerFenced())
    manager.fatal_error(ProducerFenced())
    with pytest.raises(ProducerFenced):
        await sent
    if heard:
        hear_out(producer)
    await producer.stop()
    del producer, manager, accumulator, batch, sent
    with caplog.at_level(logging.ERROR, "asyncio"):
        await asyncio.sleep(0)
        gc.collect()

    said = [record.getMessage() for record in caplog.records]
    assert (0 if heard else 2) == sum("never retrieved" in line for line in said)
