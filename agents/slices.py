"""Fold slices as they come; whatever goes wrong ends the process."""

from collections.abc import AsyncIterable, Callable

from streams.exit import asked_for
from streams.slices import Slice


async def fold_slices(
    slices: AsyncIterable[Slice], fail: Callable[[BaseException], object]
) -> None:
    """
    Apply each slice to its task, in the order of its task's numbers.

    Faust would restart an agent whose body raised, and drop the slice: so nothing may leave this
    loop but the end of the process.
    """
    try:
        async for part in slices:
            await part.task.apply(part)
    except BaseException as error:
        if asked_for(error):
            raise
        fail(error)
