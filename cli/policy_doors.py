"""Say where the further commands of `cardcue policy` are, each imported when it is called."""

from typing import Final


FURTHER: Final = {
    "approve": ("cli.policy_signing", "approve"),
    "diff": ("cli.policy_views", "diff"),
    "explain": ("cli.policy_views", "explain"),
    "key": ("cli.policy_signing", "key"),
    "ls": ("cli.policy_views", "ls"),
    "rollback": ("cli.policy_rollback", "rollback"),
    "sign": ("cli.policy_signing", "sign"),
}
