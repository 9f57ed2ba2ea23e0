"""Write records whose headers' names are no UTF-8: Kafka takes them, our libraries would not."""

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy


BATCH_BYTES_MAX = 900_000
NAME = b"n\xff\xfe\xe4\xba"
NAME_AS_READ = "n\\xff\\xfe\\xe4\\xba"


class _Name(str):
    """A name that is not written as it reads."""

    __slots__ = ()

    def encode(self, *_: str) -> bytes:  # type: ignore[explicit-override]
        return NAME


async def write_with_odd_name(
    bootstrap: str,
    place: tuple[str, int],
    values: Sequence[bytes],
    odd: int,
    headers: Sequence[tuple[str, bytes]] = (),
    *,
    compression: int = 0,
) -> int:
    """
    Write one batch of records, of which number `odd` has a header more; return its first offset.

    `compression` is Kafka's number of a codec: 0 for none, 1 for gzip.
    """
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        batch = producer.create_batch()
        # the writer in Python asks a name to encode itself, the one in C knows better
        batch._builder = _DefaultRecordBatchBuilderPy(  # noqa: SLF001 (no public way)
            magic=2,
            compression_type=compression,
            is_transactional=False,
            producer_id=-1,
            producer_epoch=-1,
            base_sequence=-1,
            batch_size=BATCH_BYTES_MAX,
        )
        for number, value in enumerate(values):
            others = [(_Name("odd"), b"1"), *headers] if number == odd else [*headers]
            assert batch.append(timestamp=None, key=b"k", value=value, headers=others) is not None
        topic, partition = place
        sent = await producer.send_batch(batch, topic, partition=partition)
        offset: int = (await sent).offset
        return offset
    finally:
        await producer.stop()
