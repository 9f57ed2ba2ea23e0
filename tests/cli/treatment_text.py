"""A campaign file with everything that is said of treatments, an offer and a budget."""

from pathlib import Path

from cli.policy_file import read_policy
from schemas.campaign import Campaign
from tests.cli.campaign_text import CONTROL, GOOD


OWN = "treatment: {channel: sms, template_id: activation-nudge, template_version: 1}"
FULL = GOOD.replace(CONTROL, "").replace(
    OWN,
    """treatment:
  channel: push
  template_id: activation-push
  template_version: 2
  sender_profile: brand
  variables: {days: tenure_days, unit: currency}
fallbacks:
  - channel: sms
    template_id: activation-nudge
    template_version: 1
    after: [failed]
  - {channel: email, template_id: activation-mail, template_version: 1}
offer: first_spend_gift
budget_minor: 5000000
experiment:
  salt: s
  control_bp: 0
  arms:
    - id: voice
      share_bp: 100
      treatment: {channel: voice, template_id: call, template_version: 1}
      fallbacks:
        - {channel: sms, template_id: activation-nudge, template_version: 1}
""",
)


def read(tmp_path: Path, text: str = FULL, tenant: str = "bank") -> Campaign:
    """Return the campaign in a text."""
    file = tmp_path / "good.yaml"
    file.write_text(text, encoding="utf-8")
    return read_policy(file, tenant=tenant)
