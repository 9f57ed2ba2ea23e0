"""
Read what a gateway's owner decides, from a YAML file of the gateway's own.

How Kafka is reached, which tenants there are and what their topics are called stay in the house's
settings (`CARDCUE_SETTINGS`).
"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

import msgspec
import yaml
from msgspec import Meta, Struct

from schemas.channels import Channel
from streams.settings import Name, NotNegative, Positive, SettingsError


DAY_MS: Final = 86_400_000
KEPT_AFTER_EXPIRY_MS: Final = 7 * DAY_MS
"""How long after its expiry an idempotency key must be known at least."""

PPM: Final = 1_000_000

MessageClass = Literal["marketing", "servicing", "mandatory"]
Ppm = Annotated[int, Meta(ge=0, le=PPM)]
Place = Annotated[str, Meta(min_length=1)]
SenderProfile = Annotated[str, Meta(min_length=1, max_length=64)]


class SenderPort(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A sender number or app channel that the provider has given the bank.

    `per_second` messages of each tenant, `tenant_per_second` for those with a contract of their
    own; after silence up to `burst_count` go at once. A message whose `sender_profile` is one of
    the port's goes by it, whatever its class.
    """

    name: Name
    message_classes: tuple[MessageClass, ...]
    per_second: Positive
    burst_count: Positive = 1
    tenant_per_second: dict[Name, Positive] = {}
    sender_profiles: tuple[SenderProfile, ...] = ()


class Simulated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    The provider that stands in for a real one.

    Shares are parts per million of the submissions; the rest is delivered. `stop_ppm` are
    delivered and answered STOP, of `lost_ppm` the provider has the message but its answer is
    lost, of `unreachable_ppm` it never had it. `ledger` is the file in which it keeps what it
    took, "" for memory only.
    """

    seed: int = 1
    failed_ppm: Ppm = 0
    busy_ppm: Ppm = 0
    refused_ppm: Ppm = 0
    silent_ppm: Ppm = 0
    stop_ppm: Ppm = 0
    lost_ppm: Ppm = 0
    unreachable_ppm: Ppm = 0
    report_delay_ms: NotNegative = 1_000
    busy_for_ms: Positive = 1_000
    ledger: str = ""

    def __post_init__(self) -> None:
        """Refuse shares that are more than the whole."""
        shares = [getattr(self, name) for name in self.__struct_fields__ if name.endswith("_ppm")]
        if sum(shares) > PPM:
            raise SettingsError(f"simulated: wanted shares up to {PPM} in sum, found {sum(shares)}")


class GatewaySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Everything a gateway's owner decides.

    `store` is the SQLite file, `templates` the folder of approved texts. `report_wait_ms` after
    its expiry a submitted message without a report is `unknown`. What may have been lost on the
    way to the provider is sent again after `retry_after_ms`, where that is allowed at all.
    """

    channel: Channel
    store: Place
    templates: Place
    ports: tuple[SenderPort, ...]
    group: Name = ""
    kept_after_expiry_ms: Annotated[int, Meta(ge=KEPT_AFTER_EXPIRY_MS)] = KEPT_AFTER_EXPIRY_MS
    report_wait_ms: NotNegative = 3 * DAY_MS
    retry_after_ms: Positive = 5_000
    http_port: Annotated[int, Meta(ge=0, le=65_535)] = 9465
    simulated: Simulated = Simulated()

    def __post_init__(self) -> None:
        """Refuse classes without a port or at two, profiles at two, waits beyond what is kept."""
        named = Counter(one for port in self.ports for one in port.message_classes)
        for message_class in get_args(MessageClass):
            if named[message_class] != 1:
                found = named[message_class]
                raise SettingsError(f"ports: wanted {message_class} at one port, found {found}")
        profiles = Counter(one for port in self.ports for one in port.sender_profiles)
        for profile, found in profiles.items():
            if found != 1:
                wanted = f"wanted sender profile {profile} at one port"
                raise SettingsError(f"ports: {wanted}, found {found}")
        if len({port.name for port in self.ports}) != len(self.ports):
            raise SettingsError("ports: wanted each name once, found one twice")
        if self.report_wait_ms > self.kept_after_expiry_ms:
            wanted = f"wanted up to kept_after_expiry_ms ({self.kept_after_expiry_ms})"
            raise SettingsError(f"report_wait_ms: {wanted}, found {self.report_wait_ms}")

    @property
    def consumer_group(self) -> str:
        """The group whose offsets say where to go on reading."""
        return self.group or f"cardcue-gateway-{self.channel}"

    def port_of(self, message_class: str, sender_profile: str = "") -> str:
        """Return the port of a profile, else of a class; "" for a class that does not exist."""
        named = (port.name for port in self.ports if sender_profile in port.sender_profiles)
        found = (port.name for port in self.ports if message_class in port.message_classes)
        return next(named, next(found, ""))


def read_gateway_settings(path: Path) -> GatewaySettings:
    """
    Return the settings in a YAML file; relative paths in it are relative to the file.

    Raises:
        SettingsError: the file cannot be read, has an unknown name, a value of the wrong kind or
            a contradiction.

    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings = msgspec.convert(found, GatewaySettings)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = type(error).__name__
        raise SettingsError(f"gateway settings: wanted a YAML file, found {why}") from None
    except msgspec.ValidationError as error:
        why = str(error)
        raise SettingsError(f"gateway settings: {why[0].lower()}{why[1:]}") from error
    ledger = settings.simulated.ledger
    return msgspec.structs.replace(
        settings,
        store=str(path.parent / settings.store),
        templates=str(path.parent / settings.templates),
        simulated=msgspec.structs.replace(
            settings.simulated, ledger=str(path.parent / ledger) if ledger else ""
        ),
    )
