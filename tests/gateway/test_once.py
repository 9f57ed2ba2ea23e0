"""A message is sent once, and ends once, through any crash (SEMANTICS G2)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.gateway.settings import Simulated
from cli.gateway.store import Store
from streams.settings import SettingsError
from tests.gateway.world import DAY, FINAL, HOUR, SECOND, T0, CrashError, World, mandatory, trigger


def test_trigger_is_accepted_submitted_and_delivered(world: World) -> None:
    """The plain way: three receipts, in that order, each produced once."""
    world.send(trigger())
    world.run()

    assert ["accepted", "submitted", "delivered"] == world.told()
    assert 3 == len(world.receipts())
    assert {"trigger-1": 1} == world.sent()


def test_repeat_is_answered_and_not_sent_again(world: World) -> None:
    """While it waits, after it was sent, with another content: a key is one message."""
    world.send(trigger(), trigger())
    world.run()
    world.send(trigger(), trigger(template_id="bill"))
    world.run()

    assert {"trigger-1": 1} == world.sent()
    assert {"duplicate_ignored"} == set(world.told()) - {"accepted", "submitted", "delivered"}


def test_same_key_of_another_tenant_is_another_message(world: World) -> None:
    """Tenant is part of every key (SEMANTICS N2)."""
    world.send(trigger(), trigger(tenant="bank-b"))
    world.run()

    assert {"trigger-1": 2} == world.sent()
    assert {"bank-a", "bank-b"} == {one.tenant for one in world.simulated.taken}


def test_key_is_known_until_seven_days_after_its_expiry(world: World) -> None:
    """Expiry is an hour after T0: a repeat is a duplicate up to then and seven days more."""
    world.send(trigger())
    world.run()
    world.now_ms = T0 + HOUR + 7 * DAY
    world.turn()
    kept = world.store.seen("bank-a", "trigger-1", "trigger-1")
    world.now_ms += 60 * SECOND
    world.turn()

    assert kept is not None
    assert world.store.seen("bank-a", "trigger-1", "trigger-1") is None


def test_trigger_older_than_any_memory_is_unknown(world: World) -> None:
    """It may have been sent and forgotten: neither sent again nor denied (SEMANTICS C1)."""
    world.now_ms = T0 + HOUR + 7 * DAY
    world.send(trigger())
    world.run()

    assert ["unknown"] == world.told()
    assert not world.sent()


def test_forgotten_trigger_is_told_of_once(world: World) -> None:
    """Its row goes at once, what it was told stays known: a third answer would say nothing new."""
    world.now_ms = T0 + HOUR + 8 * DAY
    for _ in range(3):
        world.send(trigger())
        world.run(2 * 60 * SECOND, 60 * SECOND)

    assert ["unknown"] == [one["status"] for one in world.receipts()]


def test_answer_is_kept_until_the_broker_has_it(world: World) -> None:
    """However long the broker is away: pruning takes only what was told."""
    world.send(trigger(expires_at_ms=T0))
    world.now_ms += 30 * DAY
    world.desk.turn()
    world.tell()

    assert ["expired"] == world.told()


def test_final_status_is_final(world: World) -> None:
    """The store itself refuses a second."""
    world.send(trigger(expires_at_ms=T0))
    message = world.store.seen("bank-a", "trigger-1", "trigger-1")
    assert message is not None

    with pytest.raises(RuntimeError, match="wanted a message that is open, found expired"):
        world.store.change(message, state="received", final_status="")


def test_commit_is_on_the_disk(world: World) -> None:
    """Write-ahead log, and full synchronisation (2): a power cut takes nothing back."""
    ask = world.store._sql.execute  # noqa: SLF001 (each connection has its own)

    assert ("wal",) == ask("PRAGMA journal_mode").fetchone()
    assert (2,) == ask("PRAGMA synchronous").fetchone()


@pytest.mark.parametrize(("when", "has_count"), [("before provider", 0), ("after provider", 1)])
def test_marketing_whose_fate_is_unknown_is_dropped(
    world: World, when: str, has_count: int
) -> None:
    """Whether the provider had it or not: `unknown`, and never a second submission."""
    crash_at(world, when, lambda: world.send(trigger()) or world.run())
    world.restart()
    world.run(HOUR, 60 * SECOND)

    assert ["accepted", "unknown"] == world.told()
    assert has_count == world.sent()["trigger-1"]


@pytest.mark.parametrize(("when", "has_count"), [("before provider", 1), ("after provider", 2)])
def test_mandatory_whose_fate_is_unknown_is_sent_again(
    world: World, when: str, has_count: int
) -> None:
    """Under the same key, so that a provider with idempotency knows it again."""
    crash_at(world, when, lambda: world.send(mandatory()) or world.run())
    world.restart()
    world.run(HOUR, 60 * SECOND)

    assert ["accepted", "submitted", "delivered"] == world.told()
    assert has_count == world.sent()["trigger-1"]


def test_what_may_have_been_sent_is_never_denied(new_world: Callable[..., World]) -> None:
    """Lost, then too late to be sent again: `unknown`, for `expired` would give the cap back."""
    world = new_world(simulated=Simulated(lost_ppm=1_000_000), retry_after_ms=2 * HOUR)
    world.send(mandatory())
    world.run(HOUR, 60 * SECOND)

    assert ["accepted", "unknown"] == world.told()
    assert {"trigger-1": 1} == world.sent()


def test_marketing_whose_answer_is_lost_is_dropped(new_world: Callable[..., World]) -> None:
    """No crash is needed: an answer that does not come says as little."""
    world = new_world(simulated=Simulated(lost_ppm=1_000_000))
    world.send(trigger())
    world.run(HOUR, 60 * SECOND)

    assert ["accepted", "unknown"] == world.told()
    assert {"trigger-1": 1} == world.sent()


def test_silent_provider_ends_as_unknown(new_world: Callable[..., World]) -> None:
    """No report until `report_wait_ms` after the expiry; then nothing is claimed."""
    world = new_world(simulated=Simulated(silent_ppm=1_000_000), report_wait_ms=HOUR)
    world.send(trigger())
    world.run(2 * HOUR - 1, 60 * SECOND)
    before = world.told()
    world.now_ms += 1
    world.turn()

    assert ["accepted", "submitted"] == before
    assert "unknown" == world.told()[-1]


def test_repeated_receipt_has_the_same_bytes(world: World) -> None:
    """A crash between producing and marking tells again: a duplicate to whoever reads it (B2)."""
    world.send(trigger())
    crash_at(world, "after produce", world.turn)
    world.restart()
    world.run()
    accepted = [one for one in world.produced if b'"accepted"' in (one.value or b"")]

    assert 2 == len(accepted)
    assert accepted[0] == accepted[1]


def test_store_belongs_to_one_gateway(world: World) -> None:
    """A second process on the same file would send what the first is about to."""
    with pytest.raises(
        SettingsError, match="wanted a file of our own, found another gateway on it"
    ):
        Store(world.own.store)


NOON = T0 + 30 * 60 * SECOND


def tell_story(world: World) -> None:
    """Let marketing, mandatory and repeats come, some time go by, and all of it end."""
    world.send(trigger(1), mandatory(2), trigger(1))
    world.run(3 * SECOND, 500)
    world.send(mandatory(2), trigger(3, not_before_ms=NOON))
    world.run(100 * 60 * SECOND, 10 * 60 * SECOND)


def tell_story_again(world: World) -> None:
    """Send all of it once more, as a reader does that begins before what it had committed."""
    world.send(trigger(1), mandatory(2), trigger(3, not_before_ms=NOON))
    world.run(100 * 60 * SECOND, 10 * 60 * SECOND)


def test_crash_at_every_step_sends_marketing_once_and_ends_everything_once(
    tmp_path: Path,
) -> None:
    """
    Between any two of store, submit, store, produce, mark.

    Marketing reaches the provider at most once, mandatory at least once and under one key, and
    every key has exactly one final status, told at least once.
    """
    calm = World(tmp_path)
    first = len(calm.fuse.steps) + 1
    tell_story(calm)
    calm.store.close()
    last = len(calm.fuse.steps)

    assert {"before provider", "after provider", "after produce"} < set(calm.fuse.steps)
    for step in range(first, last + 1):
        (folder := tmp_path / str(step)).mkdir()
        world = World(folder)
        world.fuse.blows_at = step
        with pytest.raises(CrashError):
            tell_story(world)
        world.restart()
        tell_story_again(world)
        world.store.close()
        ends = [[one for one in world.told(number) if one in FINAL] for number in (1, 2, 3)]

        assert [1, 1, 1] == [len(found) for found in ends], (calm.fuse.steps[step - 1], ends)
        assert {"delivered", "unknown"} >= {ends[0][0], ends[2][0]}
        assert ["delivered"] == ends[1]
        assert max(world.sent()["trigger-1"], world.sent()["trigger-3"]) <= 1
        assert 1 <= world.sent()["trigger-2"] <= 2


def crash_at(world: World, step: str, story: Callable[[], object]) -> None:
    """Run a story until the gateway comes to a step for the first time, and crash there."""
    passing = world.fuse.pass_by

    def blow(found: str) -> None:
        if found == step:
            world.fuse.pass_by = passing  # type: ignore[method-assign]
            raise CrashError(found)
        passing(found)

    world.fuse.pass_by = blow  # type: ignore[method-assign]
    with pytest.raises(CrashError):
        story()
