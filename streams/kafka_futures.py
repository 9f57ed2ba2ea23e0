"""Take the failures that aiokafka's producer keeps for questions that nobody will ask it."""

from typing import Any


def hear_out(producer: Any) -> None:  # noqa: ANN401 (its transactions and batches have no public door)
    """
    Take what a failed producer still has to say: of the commit not reached, of batches not sent.

    What a future fails with and nobody takes, asyncio logs as an error when it is collected,
    minutes later and without a hint of where it came from; `commit` has told us the failure itself.
    """
    manager, accumulator = producer._txn_manager, producer._message_accumulator  # noqa: SLF001
    queues = accumulator._batches.values()  # noqa: SLF001
    waiting = [batch._drain_waiter for queue in queues for batch in queue]  # noqa: SLF001
    for future in (manager._transaction_waiter, *waiting):  # noqa: SLF001
        if future is not None and future.done() and not future.cancelled():
            future.exception()
