"""
Know which kill switches are engaged: those of the control topic, kept in the gateway's store.

A switch that was engaged before the topic's retention is engaged still.
"""

import sqlite3
from collections.abc import Mapping

from schemas.events import KillSwitchSet
from schemas.incoming import Incoming


class Switches:
    """The engaged switches, on disk and in memory; changes belong inside a store's transaction."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        """Read what is engaged."""
        self._sql = sql
        self._engaged: set[tuple[str, str]] = set()
        self.read()

    def read(self) -> None:
        """Read again what is engaged: after a transaction that was not committed."""
        self._engaged = set(self._sql.execute("SELECT tenant, campaign_id FROM switches"))

    def stop(self, tenant: str, campaign_id: str) -> bool:
        """Return whether nothing of this campaign may go."""
        return not self._engaged.isdisjoint({(tenant, ""), (tenant, campaign_id)})

    def set(self, event: Incoming, switch: KillSwitchSet, now_ms: int) -> bool:
        """
        Take a switch; return whether it is one that was engaged now.

        A repeat of an event (same source and id) changes nothing, wherever in the topic it
        stands (SEMANTICS B2).
        """
        done = self._sql.execute(
            "INSERT OR IGNORE INTO control_seen VALUES (?, ?, ?, ?)",
            (event.tenant, event.event_source, event.event_id, now_ms),
        )
        if done.rowcount == 0:
            return False
        place = (event.tenant, switch.campaign_id)
        if switch.engaged:
            self._sql.execute("INSERT OR IGNORE INTO switches VALUES (?, ?)", place)
            self._engaged.add(place)
        else:
            self._sql.execute("DELETE FROM switches WHERE tenant = ? AND campaign_id = ?", place)
            self._engaged.discard(place)
        return switch.engaged

    def positions(self) -> Mapping[tuple[str, int], int]:
        """Return where to go on reading each partition of the control topics."""
        found = self._sql.execute("SELECT topic, partition, next_offset FROM control_read")
        return {(topic, partition): offset for topic, partition, offset in found}

    def move(self, topic: str, partition: int, next_offset: int) -> None:
        """Note how far a partition has been read."""
        self._sql.execute(
            "INSERT INTO control_read VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset",
            (topic, partition, next_offset),
        )
