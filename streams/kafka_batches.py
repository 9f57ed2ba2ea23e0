"""
Read a batch of records also where a header's name is no UTF-8.

Kafka takes any bytes as a header's name; aiokafka decodes names strictly, so that one such name
would end every worker at the same record for ever. Here it is read with backslash escapes in
place of what is no UTF-8: no name of ours has any, so nothing but the name is another.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


def accept_any_header_name() -> None:
    """Let every consumer of this process read batches so; to call it again changes nothing."""
    fetcher.MemoryRecords = AnyBatches


class AnyBatches(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka is untyped
    """The batches of one answer to a fetch (port: aiokafka's `MemoryRecords`)."""

    def next_batch(self) -> Any:  # noqa: ANN401 (aiokafka is untyped)  # type: ignore[explicit-override]
        """Return the next batch, None after the last."""
        raw = self._next_slice
        batch = super().next_batch()
        return batch and _AnyBatch(batch, raw)


class _AnyBatch:
    """A batch as aiokafka reads it, in C; where that fails, once more and patiently."""

    def __init__(self, batch: Any, raw: memoryview) -> None:  # noqa: ANN401 (aiokafka is untyped)
        self._batch = batch
        self._raw = raw

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (aiokafka is untyped)
        return getattr(self._batch, name)

    def __next__(self) -> Any:  # noqa: ANN401 (aiokafka is untyped)
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except UnicodeDecodeError:
            return iter(_PatientBatch(self._raw))


class _PatientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka is untyped
    """The same batch in Python, by aiokafka's own reader."""

    _buffer: Any

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Bytes(self._buffer)


class _Bytes(bytearray):
    """Bytes whose parts can always be read as text."""

    def __getitem__(self, place: Any) -> Any:  # type: ignore[explicit-override]  # noqa: ANN401
        found = super().__getitem__(place)
        return _Name(found) if isinstance(found, bytearray) else found


class _Name(bytes):
    def decode(self, *_: str) -> str:  # type: ignore[explicit-override]
        return super().decode("utf-8", "backslashreplace")
