"""
Make up a journal in which customers are in more experiments than a row remembers.

Thirty-four campaigns that all begin with one event; salts, holdouts and classes of message change
in between, so that some experiments end and make room, and at times none does.
"""

from collections.abc import Iterator

from tests.checker.identity import Facts
from tests.world.chaos_events import DAY, HOUR
from tests.world.failing_contacts import CHANNELS, TOKENS, FailingContacts


CAMPAIGN_COUNT = 34


class ManyExperiments(FailingContacts):
    """A journal partition of one bank with few customers and many campaigns."""

    def envelopes(self, count: int) -> Iterator[Facts]:
        """Yield so many envelopes after what is published and agreed to."""
        random = self._random
        yield self._envelope("", self._held())
        for number in range(CAMPAIGN_COUNT):
            yield self._envelope("", self._measured(number))
        for token in TOKENS:
            for channel in CHANNELS:
                yield self._envelope(token, self._word("granted", channel))
        for _ in range(count):
            self._now += random.choice((1, HOUR, DAY))
            if random.random() < 0.6:
                said = {"card_token": f"k{self._number}"}
                token = random.choice(TOKENS)
                yield self._envelope(token, {"event_type": "card.issued", **said})
            elif random.random() < 0.95:
                yield self._envelope("", self._measured(random.randrange(CAMPAIGN_COUNT)))
            else:
                yield self._envelope("", self._held())

    def _held(self) -> Facts:
        """Return who is held out from now on, mostly somebody, mostly by the same salt."""
        random = self._random
        said = {"holdout_bp": random.choice((0, 1, 5_000)), "time_zone": "UTC"}
        said |= {"holdout_salt": random.choice(("s", "s", "s", "s", "t"))}
        said |= {"live_from_ms": random.choice((0, 0, 0, self._now + DAY))}
        return {"event_type": "tenant.configured", **said}

    def _measured(self, number: int) -> Facts:
        """Return the next version of a campaign, which may draw its arms anew."""
        random = self._random
        salt = random.choice(("a",) * 9 + ("b",))
        return self._published(
            f"c{number:02}",
            "card.issued",
            message_class=random.choice(("marketing", *("mandatory",) * 9)),
            experiment={"salt": salt, "control_bp": random.choice((0, 2_000))},
            conversion={"on": "app.session", "window_ms": DAY, "value": ""},
            treatment=self._slot(random.choice(CHANNELS)),
        )
