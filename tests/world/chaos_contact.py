"""Make up calendars, contact policies and configurations that bind now and then."""

from random import Random
from typing import Final

from tests.checker.identity import Facts
from tests.world.chaos_effects import measured
from tests.world.chaos_events import DAY, HOUR


ZONES: Final = (
    "UTC",
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Australia/Lord_Howe",
    "Mars/Sea",
    "",
)
KINDS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "working")
SCOPES: Final = ("all", "class", "channel", "purpose", "campaign")
SEGMENTS: Final = ("", "", "", "young", "old")
LISTED: Final = ("2023-11-14", "2023-11-15", "2023-11-18", "2023-12-25", "2024-01-01", "2024-02-29")


class Rules:
    """Draws what holds for a whole bank, mostly in the next version."""

    def __init__(self, random: Random, names: tuple[str, ...], *, is_quiet: bool) -> None:
        """Draw from `random`; `names` are campaigns; `is_quiet`: nobody is ever left alone."""
        self._random, self._names, self._is_quiet = random, names, is_quiet
        self._version = 0

    def said(self, now_ms: int) -> Facts:
        """Return a configuration, a calendar or a contact policy."""
        if self._is_quiet:
            return self.configured(now_ms)
        chosen = self._random.choice((self.configured, self._calendar, self._contact_policy))
        return chosen(now_ms)

    def configured(self, now_ms: int) -> Facts:
        """Return a tenant's zone and when it goes live."""
        random = self._random
        live_from = random.choice((0, 0, now_ms - DAY, now_ms + 3 * DAY))
        return {
            "event_type": "tenant.configured",
            "live_from_ms": max(0, live_from),
            "time_zone": "UTC" if self._is_quiet else random.choice(ZONES),
            "holdout_bp": random.choice((0, 0, 0, 2_000)),
            "holdout_salt": "chaos",
            **({} if self._is_quiet else measured(now_ms)),
        }

    def _calendar(self, _now_ms: int) -> Facts:
        random = self._random
        days = sorted(random.sample(LISTED, random.randrange(4)))
        calendar = {
            "id": random.choice(("cn", "cn", "cn", "us")),
            "version": self._next_version(),
            "time_zone": "Asia/Shanghai",
            "year_min": 2023,
            "year_max": 2024,
            "quiet": {"marketing": self._windows(), "servicing": self._windows()},
            "days": [{"date": day, "kind": random.choice(("holiday", "working"))} for day in days],
        }
        return {"event_type": "calendar.published", "calendar": calendar}

    def _windows(self) -> list[Facts]:
        random = self._random
        return [
            {
                "start": random.randrange(24) * 60,
                "end": random.randrange(24) * 60 + random.choice((0, 0, 30)),
                "on": random.sample(KINDS, random.choice((1, 3, 9))),
            }
            for _ in range(random.choice((0, 1, 1, 2)))
        ]

    def _contact_policy(self, _now_ms: int) -> Facts:
        random = self._random
        caps = [
            {
                "scope": random.choice(SCOPES),
                "count": random.choice((1, 2, 3, 8)),
                "window_ms": random.choice((1, HOUR, DAY, 7 * DAY)),
                "message_class": random.choice(("marketing", "marketing", "servicing")),
                "segment": random.choice(SEGMENTS),
            }
            for _ in range(random.randrange(4))
        ]
        exclusions = []
        for _ in range(random.randrange(3)):
            one, other = random.sample(self._names, 2)
            within_ms, mutual = random.choice((0, HOUR, 7 * DAY)), random.random() < 0.5
            exclusions.append(
                {"campaign": one, "other": other, "within_ms": within_ms, "mutual": mutual}
            )
        policy = {
            "id": random.choice(("p", "p", "p", "q")),
            "version": self._next_version(),
            "caps": caps,
            "exclusions": exclusions,
        }
        return {"event_type": "contact_policy.published", "contact_policy": policy}

    def _next_version(self) -> int:
        self._version += self._random.choice((1, 1, 1, 0))
        return max(1, self._version)
