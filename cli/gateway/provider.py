"""
State what a gateway wants of a provider of messages: the port, narrow on purpose.

An adapter for CMPP, SMPP or a push service has these three functions. Only it turns a customer
token into a number or a device, by the bank's own directory.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias


class Outbound(NamedTuple):
    """
    One message for a provider, text filled.

    `key` is the idempotency key, for providers that know such a thing (SMS does not). `attempt`
    counts the submissions of this key from 1. The provider should not deliver after
    `expires_at_ms`, epoch milliseconds UTC, either. `sender_profile` names the signature under
    which the bank wants to be seen; by default the message's class.
    """

    key: str
    attempt: int
    tenant: str
    port: str
    customer_token: str
    text: str
    expires_at_ms: int
    sender_profile: str = ""


class Accepted(NamedTuple):
    """The provider has the message and will report about it under this id."""

    gateway_msg_id: str


class Refused(NamedTuple):
    """The provider will never send this message; `raw_status` is its own word for why."""

    raw_status: str
    opted_out: bool = False


class Busy(NamedTuple):
    """The provider has not taken it and wants none for a while: flow control."""

    retry_after_ms: int


Answer: TypeAlias = Accepted | Refused | Busy


class FateUnknownError(Exception):
    """The provider may or may not have the message: no answer, a broken connection."""


class DeliveryReport(NamedTuple):
    """What became of a message, at `at_ms`."""

    report_id: str
    gateway_msg_id: str
    at_ms: int
    status: Literal["delivered", "failed"]
    raw_status: str = ""
    segment_count: int = 0
    cost_minor: int = 0


class Reply(NamedTuple):
    """What the customer did with a message, at `at_ms`; `optout` is a STOP in any wording."""

    report_id: str
    gateway_msg_id: str
    at_ms: int
    kind: Literal["reply", "optout", "click", "open", "complaint"]


Report: TypeAlias = DeliveryReport | Reply


class Provider(Protocol):
    """Whoever sends messages; called by one thread, each call bounded in time by the adapter."""

    def submit(self, message: Outbound) -> Answer:
        """
        Send a message.

        Raises:
            FateUnknownError: nobody knows whether it was sent.

        """

    def reports(self) -> Sequence[Report]:
        """Return what has been reported and not been confirmed, oldest first, a few at most."""

    def confirm(self, reports: Sequence[Report]) -> None:
        """Take note that these reports are stored and need not be told again."""
