"""Workers share the tasks of a fold, and folds may have workers of their own."""

import pytest

from schemas.routing import JOURNAL_TOPIC
from tests.agents.house import ALL_TASKS, TENANT, House, LoneWorker
from tests.agents.upstream import SPEND, purchase
from tests.proof.workers import await_true


pytestmark = [pytest.mark.kafka, pytest.mark.slow]


def load(house: House, customer: str) -> None:
    """Send 60 purchases of one customer, over all source partitions."""
    for number in range(60):
        house.send(SPEND, purchase(customer, number), key=f"upstream-{number}")


def journal_count(house: House, customer: str) -> int:
    """Return how many of the customer's events are in the journal."""
    key = f"{TENANT}|{customer}".encode()
    return sum(record.key == key for record in house.records(JOURNAL_TOPIC))


def shared(first: LoneWorker, second: LoneWorker) -> bool:
    """Whether every task has one owner and nobody is idle in a fold of two tasks."""
    ours, theirs = first.tasks(), second.tasks()
    return (
        ours | theirs == ALL_TASKS
        and not ours & theirs
        and all(
            any(fold == wanted for fold, _ in tasks)
            for tasks in (ours, theirs)
            for wanted in ("ingest", "lifecycle")
        )
    )


def test_workers_share_tasks_and_take_over(house: House) -> None:
    """Two workers own each task once; when one goes, the other has them all, and none is lost."""
    first, second = house.worker("first"), house.worker("second")
    await_true(lambda: shared(first, second), "tasks shared")
    load(house, "share-1")
    house.await_folded(first, second)
    assert 60 == journal_count(house, "share-1")

    load(house, "share-2")
    assert 0 == second.stop()
    first.await_tasks(*ALL_TASKS)
    house.await_folded(first)
    assert 60 == journal_count(house, "share-2")
    assert 0 == first.stop()


def test_folds_run_in_processes_of_their_own(house: House) -> None:
    """`--only`: a bank that runs each fold by itself gets the same, and each runs only its own."""
    front = house.worker("first", "--only", "ingest,clock")
    back = house.worker("second", "--only", "lifecycle,learning,insight")
    await_true(lambda: front.tasks() | back.tasks() == ALL_TASKS, "every task owned")
    assert {"ingest", "clock"} == {fold for fold, _ in front.tasks()}
    assert {"lifecycle", "learning", "insight"} == {fold for fold, _ in back.tasks()}
    load(house, "split-1")
    house.await_folded(front, back)

    assert 60 == journal_count(house, "split-1")
    assert f"{TENANT}|split-1".encode() in {
        record.key for record in house.records("lifecycle.state.v1")
    }
    assert [0, 0] == [front.stop(), back.stop()]
