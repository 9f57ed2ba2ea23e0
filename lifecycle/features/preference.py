"""How the customer wishes to be treated."""

from typing import Final

from lifecycle.features.context import Context, Feature


def _personalisation_off(context: Context) -> bool:
    wish = context.row.preference
    return wish is not None and wish.personalisation_opt_out


def _language(context: Context) -> str:
    wish = context.row.preference
    return "" if wish is None else wish.language


def _channel_order(context: Context) -> tuple[str, ...]:
    wish = context.row.preference
    return () if wish is None else tuple(wish.channel_order)


def _wishes_quiet(context: Context) -> bool:
    wish = context.row.preference
    return wish is not None and wish.quiet_hours != ""


PREFERENCE: Final = {
    "personalisation_off": Feature(
        "bool", "", absent=False, meaning="wants no personal offers", read=_personalisation_off
    ),
    "language": Feature("string", "BCP 47", "", "in which to write", _language),
    "channel_order": Feature("strings", "", (), "channels, dearest first", _channel_order),
    "wishes_quiet": Feature(
        "bool", "", absent=False, meaning="has quiet hours of their own", read=_wishes_quiet
    ),
}
