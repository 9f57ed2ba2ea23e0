"""A campaign's choice as the checker reads it from YAML, and as it is hashed."""

from pathlib import Path

from tests.checker.campaign_files import read_campaigns, with_defaults
from tests.checker.identity import Facts
from tests.checker.signed import policy_hash
from tests.checker.tiny_world import YAML


CHOICE = """
choice:
  salt: first
  epsilon_ppm: 100000
  options:
    - {id: text, channel: sms, template_id: nudge, template_version: 3}
    - id: app
      channel: push
      template_id: nudge.push
      template_version: 1
      value_minor: 0
      variables: {delay: tenure_days}
      fallbacks: [{channel: email, template_id: nudge, template_version: 1}]
"""
OWN: Facts = {"offer": "", "model": "", "value_minor": None, "contact_cost_minor": None}
SAID: Facts = {"sender_profile": "", "variables": {}}


def test_choice_reads_with_every_default(tmp_path: Path) -> None:
    """What an option does not say is "" or null, the campaign's; names stay as they are."""
    (tmp_path / "nudge.yaml").write_text(YAML + CHOICE)
    (read,) = read_campaigns(tmp_path).values()

    text, app = read["choice"]["options"]
    plain = {"channel": "sms", "template_id": "nudge", "template_version": 3}
    assert text == {"id": "text", **plain, **SAID, **OWN, "fallbacks": []}
    assert (app["value_minor"], app["variables"]) == (0, {"delay": "tenure_days"})
    later = {"channel": "email", "template_id": "nudge", "template_version": 1}
    assert app["fallbacks"] == [{**later, **SAID, "after": ["failed", "rejected"]}]
    assert with_defaults(read) == {name: one for name, one in read.items() if name != "tenant"}


def test_hash_of_a_choice_leaves_out_what_is_default(tmp_path: Path) -> None:
    """3.7: spelled out or not it is the same; another cost is another campaign."""
    (tmp_path / "nudge.yaml").write_text(YAML + CHOICE)
    (read,) = read_campaigns(tmp_path).values()
    options = read["choice"]["options"]
    short = [{k: v for k, v in one.items() if v not in ("", None, [], {})} for one in options]
    costly = [options[0] | {"contact_cost_minor": 0}, options[1]]

    def hashed(among: list[Facts]) -> str:
        return policy_hash(read | {"choice": read["choice"] | {"options": among}})

    assert hashed(short) == hashed(options) != hashed(costly)
