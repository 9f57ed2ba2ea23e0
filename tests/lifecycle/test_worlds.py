"""The drawn worlds come to the ends that the properties about them speak of."""

from random import Random

from schemas.decisions import Decision
from tests.lifecycle.channels import grants
from tests.lifecycle.measured import cancelled
from tests.lifecycle.worlds import World


def test_worlds_fall_back_promise_and_refuse() -> None:
    """Second and third channels, wordings that are not approved, gifts that are gone or refused."""
    candidates: set[tuple[bool, int, str]] = set()
    reasons: set[str] = set()
    for seed in range(25):
        world = World(Random(seed))  # noqa: S311 (a seeded world)
        world.live(300)
        decided = [effect for effect in world.effects if isinstance(effect, Decision)]
        for one in [each for record in decided for each in record.candidates]:
            candidates.add((bool(one.follows), one.slot, one.verdict))
            reasons.add(one.reason_code)
        reasons |= {"GRANT" for _ in grants(world.effects)}
        reasons |= {f"cancelled {reason}" for reason in cancelled(world.effects)}

    follows = [(True, 1, "sent"), (True, 1, "suppressed"), (True, 2, "sent")]
    at_once = [(False, 0, "sent"), (False, 1, "sent"), (False, 1, "cap_overrun")]
    assert {*follows, *at_once} <= candidates
    assert {
        *("NO_TEMPLATE", "VARIABLE_MISSING", "NO_INVENTORY", "GRANT"),
        *("cancelled NO_INVENTORY", "cancelled OPTED_OUT", "cancelled EXITED"),
    } <= reasons
