"""People of a bank with their keys: who pins them, and who signs what."""

from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from cli.policy_keys import public_half, sign
from lifecycle import signatures
from schemas.campaign import Campaign
from schemas.content import content_hash
from schemas.events import AnyEvent, PolicyPublished, Signature, SigningKey, TenantConfigured
from schemas.events.control import Role
from tests.lifecycle.builders import HOUR, T0, TENANT, Bank


class Signer(NamedTuple):
    """A person and their private key."""

    key: Ed25519PrivateKey
    public: SigningKey

    def policy(self, role: Role, event: PolicyPublished, tenant: str = TENANT) -> Signature:
        """Sign a policy."""
        return sign(self.key, role, signatures.signed_content(tenant, event))

    def tenant(self, role: Role, event: TenantConfigured) -> Signature:
        """Sign a configuration."""
        return sign(self.key, role, signatures.signed_content(TENANT, event))


def signer(number: int, person: str) -> Signer:
    """Return a person whose key is made of a number, so that every run has the same."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return Signer(key, public_half(key, person))


LI, CHEN, WANG = signer(1, "li.wei"), signer(2, "chen.yu"), signer(3, "wang.fang")
LI_TOO = signer(4, "li.wei")
"""Another key of the first."""

PINNED = (LI.public, CHEN.public, LI_TOO.public)


def configured(*signed_by: tuple[Signer, Role], **said: Any) -> TenantConfigured:  # noqa: ANN401
    """Return a configuration that is live from T0, signed by these."""
    event = TenantConfigured(live_from_ms=T0, **said)
    return replace(event, signatures=tuple(one.tenant(role, event) for one, role in signed_by))


def policy(
    campaign: Campaign,
    *signed_by: tuple[Signer, Role],
    **said: Any,  # noqa: ANN401 (any field)
) -> PolicyPublished:
    """Return a campaign as published, signed by these."""
    event = PolicyPublished(campaign=campaign, policy_hash=content_hash(campaign), **said)
    return replace(event, signatures=tuple(one.policy(role, event) for one, role in signed_by))


def approved(campaign: Campaign) -> PolicyPublished:
    """Return a campaign that one wrote and another approved."""
    return policy(campaign, (LI, "author"), (CHEN, "approver"))


def keyed_bank() -> Bank:
    """Return a bank whose keys are pinned."""
    bank = Bank()
    bank.control(configured(signing_keys=PINNED, version=1))
    return bank


def became(bank: Bank, event: AnyEvent) -> str:
    """Return what a bank made of a control record."""
    before = dict(bank.state.counts.by_key)
    bank.control(event, HOUR)
    changed = [
        key.rpartition("|")[2]
        for key, count in bank.state.counts.by_key.items()
        if count != before.get(key, 0)
    ]
    assert 1 == len(changed)
    return changed[0]


def active(bank: Bank) -> dict[str, int]:
    """Return the version of each active campaign."""
    policies = bank.state.tenant(TENANT).policies
    return {name: one.campaign.version for name, one in policies.items()}
