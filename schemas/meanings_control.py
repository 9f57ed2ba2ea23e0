"""Say what every field means that the bank sets in the control topic."""

from typing import Final


CONTROL_MEANINGS: Final = {
    "campaign": "The whole campaign as policy",
    "calendar": "Quiet hours by class, holidays and worked weekends, as the bank publishes them",
    "contact_policy": "Caps and exclusions that hold for every campaign of the bank",
    "template": "The wording, word by word, and what it may show of a customer",
    "offer": "What there is to be promised, how many of it, and what one costs the bank",
    "author": "Who published it",
    "signatures": "What its author and its approver signed",
    "applies_to": "Whether customers enter by events from now on only, or by what is on file too",
    "reschedule": "True: waiting steps get the due times of this version",
    "engaged": "True: contacts stop. False: they resume",
    "KillSwitchSet.campaign_id": "The campaign that stops; empty means the whole tenant",
    "live_from_ms": "Decisions before this time are recorded, and nobody is contacted",
    "TenantConfigured.time_zone": "Time zone of customers who have none of their own (IANA)",
    "holdout_bp": "Of ten thousand customers so many are never contacted by marketing",
    "holdout_salt": "Chooses which customers; another salt chooses others",
    "TenantConfigured.version": "Higher with every configuration once keys are pinned",
    "signing_keys": "Whose signatures count from now on; empty leaves those that are pinned",
    "TenantConfigured.currency": "In what money all contacts together are measured; empty for none",
    "pools_effects": "True: what contacts bring may be joined with what those of other banks bring",
    "SigningKey.key_id": "What signatures call the key",
    "SigningKey.person": "Whose key it is; nobody approves what they wrote themselves",
    "SigningKey.public_key": "Ed25519 public key: 32 bytes in base64",
    "Signature.key_id": "The key that signed",
    "Signature.role": "As what the person signed",
    "Signature.signature": "Ed25519 signature: 64 bytes in base64",
}
"""As in `schemas.meanings`, of which these are a part."""
