"""
Keep what the gateway knows, in one SQLite file that survives any crash.

Every change is made inside `transaction()`, which returns once it is on the disk. The file belongs
to one process at a time.
"""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from cli.gateway.pacing import Lane
from cli.gateway.store_schema import LAYOUT, TABLES
from cli.gateway.switches import Switches
from schemas.records import SourceRecord
from streams.settings import SettingsError
from streams.topic_table import REJECTED_RETENTION_MS


class Message(NamedTuple):
    """A row of `messages`; `value` is the trigger's JSON, None where none could be read."""

    seq: int
    tenant: str
    key: str
    trigger_id: str
    customer_token: str
    campaign_id: str
    port: str
    message_class: str
    on_unknown: str
    issued_at_ms: int
    due_at_ms: int
    expires_at_ms: int
    state: str = "received"
    attempt: int = 0
    doubtful: bool = False
    submitted_at_ms: int = 0
    gateway_msg_id: str = ""
    final_status: str = ""
    value: bytes | None = None


class Outgoing(NamedTuple):
    """A row of `outbox`: a record for the house, `seq` 0 until it is stored."""

    seq: int
    record_id: str
    event_type: str
    tenant: str
    customer_token: str
    at_ms: int
    value: bytes
    keep_until_ms: int


COLUMNS: Final = ", ".join(Message._fields)
OUTGOING: Final = ", ".join(Outgoing._fields)
CONTROL_KEPT_MS: Final = 30 * 86_400_000
"""How long a control event is known again by its id."""


class Store:
    """
    The file, open; whatever changes it is for inside of a transaction.

    Attributes:
        switches: the kill switches that are engaged.

    """

    def __init__(self, path: str) -> None:
        """
        Open the file, or make it.

        Raises:
            SettingsError: another gateway has it, or it is of another layout.

        """
        self._lock = _locked(f"{path}.lock")
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
            self.switches = Switches(self._sql)
        except (sqlite3.Error, SettingsError) as error:
            self.close()
            if isinstance(error, SettingsError):
                raise
            found = type(error).__name__
            raise SettingsError(f"store: wanted a file of ours, found {found}") from error

    def _prepare(self) -> None:
        self._sql.execute("PRAGMA journal_mode = WAL")
        self._sql.execute("PRAGMA synchronous = FULL")
        with self.transaction():
            (layout,) = self._sql.execute("PRAGMA user_version").fetchone()
            if layout not in {0, LAYOUT}:
                raise SettingsError(f"store: wanted layout {LAYOUT}, found {layout}")
            if layout == 0:
                for statement in filter(str.strip, TABLES.split(";\n")):
                    self._sql.execute(statement)
                self._sql.execute(f"PRAGMA user_version = {LAYOUT}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing of it; on the disk when it returns."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._sql.execute("ROLLBACK")
            self.switches.read()
            raise
        self._sql.execute("COMMIT")

    def close(self) -> None:
        """Give the file back."""
        self._sql.close()
        self._lock.close()

    def add(self, message: Message) -> Message:
        """Store a new message; return it with its number."""
        places = ", ".join("?" * len(Message._fields))
        done = self._sql.execute(
            f"INSERT INTO messages ({COLUMNS}) VALUES ({places})",  # noqa: S608 (our own names)
            (None, *message[1:]),
        )
        return message._replace(seq=done.lastrowid or 0)

    def change(self, message: Message, **fields: Any) -> Message:  # noqa: ANN401 (columns)
        """
        Store other fields of a message that has no final status yet; return it with them.

        Raises:
            RuntimeError: it has one, and there is only one in a message's life.

        """
        names = ", ".join(f"{name} = ?" for name in fields)
        done = self._sql.execute(
            f"UPDATE messages SET {names} WHERE seq = ? AND state <> 'final'",  # noqa: S608
            (*fields.values(), message.seq),
        )
        if done.rowcount != 1:
            raise RuntimeError(f"wanted a message that is open, found {message.final_status}")
        return message._replace(**fields)

    def seen(self, tenant: str, key: str, trigger_id: str) -> Message | None:
        """Return the message of an idempotency key or a trigger, None for a new one."""
        return next(
            self._messages(
                "(tenant = ? AND key = ?) OR (tenant = ? AND trigger_id = ?) LIMIT 1",
                tenant,
                key,
                tenant,
                trigger_id,
            ),
            None,
        )

    def submitting(self) -> Sequence[Message]:
        """Return what was on the way to the provider when the gateway ended."""
        return tuple(self._messages("state = 'submitting' ORDER BY seq"))

    def next_due(self, lane: Lane, now_ms: int) -> Message | None:
        """Return the message that has waited longest in a lane, among those that may go."""
        where = "state = 'received' AND tenant = ? AND port = ? AND due_at_ms <= ?"
        return next(self._messages(f"{where} ORDER BY due_at_ms, seq LIMIT 1", *lane, now_ms), None)

    def past(self, state: str, expired_by_ms: int, count_max: int) -> Sequence[Message]:
        """Return messages in a state that expired by then, the earliest first."""
        where = "state = ? AND expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?"
        return tuple(self._messages(where, state, expired_by_ms, count_max))

    def waiting_of_campaign(self, tenant: str, campaign_id: str) -> Sequence[Message]:
        """Return what waits of a campaign, or of the whole tenant for ""."""
        where = "state = 'received' AND tenant = ? AND ? IN ('', campaign_id) ORDER BY seq"
        return tuple(self._messages(where, tenant, campaign_id))

    def waiting_of_customer(self, tenant: str, customer_token: str) -> Sequence[Message]:
        """Return what waits for a customer."""
        where = "state = 'received' AND tenant = ? AND customer_token = ? ORDER BY seq"
        return tuple(self._messages(where, tenant, customer_token))

    def reported(self, gateway_msg_id: str) -> Message | None:
        """Return the message that the provider knows by this id."""
        where = "gateway_msg_id <> '' AND gateway_msg_id = ? LIMIT 1"
        return next(self._messages(where, gateway_msg_id), None)

    def waiting_count(self) -> int:
        """Return how many messages wait."""
        found = self._sql.execute("SELECT count(*) FROM messages WHERE state = 'received'")
        return int(found.fetchone()[0])

    def put_out(self, outgoing: Outgoing) -> bool:
        """Store a record for the house; return False for one that is there already."""
        places = ", ".join("?" * len(Outgoing._fields))
        done = self._sql.execute(
            f"INSERT OR IGNORE INTO outbox ({OUTGOING}) VALUES ({places})",  # noqa: S608
            (None, *outgoing[1:]),
        )
        return done.rowcount == 1

    def unsent(self, count_max: int) -> Sequence[Outgoing]:
        """Return the oldest records that the broker is not known to have."""
        found = self._sql.execute(
            f"SELECT {OUTGOING} FROM outbox WHERE sent = 0 ORDER BY seq LIMIT ?",  # noqa: S608
            (count_max,),
        )
        return tuple(Outgoing(*row) for row in found)

    def mark_sent(self, outgoing: Iterable[Outgoing]) -> None:
        """Note that the broker has these."""
        numbers = [(one.seq,) for one in outgoing]
        self._sql.executemany("UPDATE outbox SET sent = 1 WHERE seq = ?", numbers)

    def refuse(self, record: SourceRecord, reason: str, now_ms: int) -> bool:
        """Keep a record that could not be read as it came; return False for one kept before."""
        place = (record.topic, record.partition, record.offset)
        done = self._sql.execute(
            "INSERT OR IGNORE INTO refused VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*place, reason, now_ms, record.key, record.value),
        )
        return done.rowcount == 1

    def opted_out_at_ms(self, tenant: str, customer_token: str) -> int:
        """Return when a customer last said STOP here, 0 for never."""
        found = self._sql.execute(
            "SELECT at_ms FROM optouts WHERE tenant = ? AND customer_token = ?",
            (tenant, customer_token),
        ).fetchone()
        return int(found[0]) if found else 0

    def opt_out(self, tenant: str, customer_token: str, at_ms: int) -> None:
        """Note a STOP; the newest counts."""
        self._sql.execute(
            "INSERT INTO optouts VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)",
            (tenant, customer_token, at_ms),
        )

    def prune(self, now_ms: int, kept_after_expiry_ms: int) -> None:
        """Forget what is over and was told, and whose key need not be known any more."""
        self._sql.execute(
            "DELETE FROM messages WHERE state = 'final' AND expires_at_ms < ?",
            (now_ms - kept_after_expiry_ms,),
        )
        self._sql.execute("DELETE FROM outbox WHERE sent = 1 AND keep_until_ms < ?", (now_ms,))
        self._sql.execute("DELETE FROM control_seen WHERE at_ms < ?", (now_ms - CONTROL_KEPT_MS,))
        self._sql.execute("DELETE FROM optouts WHERE at_ms < ?", (now_ms - CONTROL_KEPT_MS,))
        self._sql.execute("DELETE FROM refused WHERE at_ms < ?", (now_ms - REJECTED_RETENTION_MS,))

    def _messages(self, where: str, *values: object) -> Iterator[Message]:
        found = self._sql.execute(
            f"SELECT {COLUMNS} FROM messages WHERE {where}",  # noqa: S608 (our own words)
            values,
        )
        return (Message(*row)._replace(doubtful=bool(row[14])) for row in found.fetchall())


def _locked(path: str) -> TextIO:
    """Return an open file that is ours alone until it is closed, or until the process ends."""
    try:
        lock = Path(path).open("w")  # noqa: SIM115 (as long as the store)
    except OSError as error:
        raise SettingsError(f"store: wanted a writable folder, found {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise SettingsError(
            "store: wanted a file of our own, found another gateway on it"
        ) from error
    return lock
