"""`cardcue tenant`: what holds for every campaign of a bank, put into the log."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
from msgspec.structs import replace

from cli.calendar_file import read_calendar
from cli.contact_policy_file import read_contact_policy
from cli.control_topic import control_record
from cli.marked_struct import read_each
from cli.offer_file import read_offer
from cli.policy import BOOTSTRAP, FILES, TENANT, append_all, settings_of
from cli.policy_log import control_view, refusal
from cli.template_file import read_template
from cli.tenant_configure import APPROVER, AUTHOR, configure, signed_by
from lifecycle.signatures import signed_content
from schemas.content import content_hash
from schemas.events import (
    CalendarPublished,
    ContactPolicyPublished,
    ModelDefined,
    OfferDefined,
    TemplateApproved,
)
from schemas.records import OutputRecord
from streams.clock import wall_clock_ms


Rules = CalendarPublished | ContactPolicyPublished | TemplateApproved | OfferDefined | ModelDefined


class Kind(NamedTuple):
    """What a command publishes: how its file is read, the event that it becomes, what help says."""

    read: Callable[[Path], Any]
    event: Callable[[Any], Rules]
    line: str


KINDS: Final[Mapping[str, Kind]] = {
    "calendar": Kind(
        read_calendar,
        lambda found: CalendarPublished(calendar=found),
        "Publish quiet hours, holidays and worked weekends.",
    ),
    "contact-policy": Kind(
        read_contact_policy,
        lambda found: ContactPolicyPublished(contact_policy=found),
        "Publish the caps and exclusions of every campaign.",
    ),
    "template": Kind(
        read_template,
        lambda found: TemplateApproved(template=found),
        "Approve wordings; from the first on no other is sent.",
    ),
    "offer": Kind(
        read_offer,
        lambda found: OfferDefined(offer=found),
        "Define offers, of which contacts promise so many.",
    ),
}
"""Command to what it publishes."""


class Asked(NamedTuple):
    """What a command that publishes rules is given."""

    files: Sequence[Path]
    tenant: str
    only_check: bool
    author_key: Path | None
    approver_key: Path | None
    bootstrap: str


OPTIONS: Final = (
    BOOTSTRAP,
    APPROVER,
    AUTHOR,
    click.option("--check", "only_check", is_flag=True, help="Read the files, publish nothing."),
    TENANT,
    FILES,
)
"""What gives a command all that `Asked` has."""


class RulesGroup(click.Group):
    """The command that stands beside it, and one for each kind of rules."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # type: ignore[explicit-override]
        """Return every name in the order of the alphabet."""
        return sorted([*super().list_commands(ctx), *KINDS])

    def get_command(  # type: ignore[explicit-override]
        self, ctx: click.Context, cmd_name: str
    ) -> click.Command | None:
        """Return a command; None if there is no such name."""
        kind = KINDS.get(cmd_name)
        return _command(cmd_name, kind) if kind else super().get_command(ctx, cmd_name)


@click.group(cls=RulesGroup, commands=[configure])
def tenant() -> None:
    """Say what holds for every campaign of a bank; each takes effect where the journal has it."""


def ruling(event: Rules, tenant: str, at_ms: int) -> OutputRecord:
    """Return the control record of rules; its id is of their content."""
    kind = str(event.__struct_config__.tag).partition(".")[0]
    return control_record(event, tenant, f"#{kind}", f"{kind}-{content_hash(event)}", at_ms)


def _command(name: str, kind: Kind) -> click.Command:
    """Return the command of a kind of rules."""

    def publish(**given: Any) -> None:  # noqa: ANN401 (click's values, as Asked has them)
        _publish(kind, Asked(**given))

    command: Callable[..., None] = publish
    for option in OPTIONS:
        command = option(command)
    return click.command(name=name, help=kind.line)(command)


def _publish(kind: Kind, asked: Asked) -> None:
    """Append rules to the control topic, or end with all that is wrong with them, a line each."""
    rules = read_each(asked.files, kind.read)
    whats = [f"{one.id} version {one.version}" for one in rules]
    if asked.only_check:
        for what in whats:
            click.echo(f"{what}: good")
        return
    settings, at_ms = settings_of(asked.bootstrap), wall_clock_ms()
    view = control_view(asked.tenant, settings)
    sent, lines, refused = [], [], []
    for one, what in zip(rules, whats, strict=True):
        if view.knows(one):
            lines.append(f"known already {asked.tenant} {what}")
            continue
        sent.append(_record(kind.event(one), asked, at_ms))
        lines.append(f"published {asked.tenant} {what}")
        if why := refusal(view, sent[-1], at_ms):
            refused.append(f"{what}: {why}")
    if refused:
        raise click.ClickException("\n".join(refused))
    append_all(sent, settings)
    for line in lines:
        click.echo(line)


def _record(event: Rules, asked: Asked, at_ms: int) -> OutputRecord:
    """Return the control record of rules, signed by the keys that are given."""
    about = signed_content(asked.tenant, event)
    signatures = signed_by(asked.author_key, asked.approver_key, about)
    return ruling(replace(event, signatures=signatures), asked.tenant, at_ms)
