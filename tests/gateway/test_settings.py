"""A gateway's own settings: refused at the start, where they cannot be used."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from cli.gateway.settings import read_gateway_settings
from cli.gateway.templates import read_templates
from cli.main import EXIT_SETTINGS, main
from streams.settings import SettingsError
from tests.gateway.world import trigger
from tests.kafka_server import ROOT


GOOD: dict[str, Any] = {
    "channel": "sms",
    "store": "store.db",
    "templates": "texts",
    "ports": [
        {"name": "marketing", "message_classes": ["marketing"], "per_second": 10},
        {"name": "service", "message_classes": ["servicing", "mandatory"], "per_second": 10},
    ],
}


def written(folder: Path, **chosen: object) -> Path:
    """Return a settings file, good but for what was chosen."""
    path = folder / "gateway.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **chosen}))
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    """Wherever the command is called from."""
    own = read_gateway_settings(written(tmp_path))

    assert str(tmp_path / "store.db") == own.store
    assert str(tmp_path / "texts") == own.templates
    assert ("marketing", "service") == (own.port_of("marketing"), own.port_of("mandatory"))
    assert "cardcue-gateway-sms" == own.consumer_group


@pytest.mark.parametrize(
    ("chosen", "complaint"),
    [
        ({"rate": 1}, "unknown field `rate`"),
        ({"channel": "fax"}, "invalid enum value 'fax'"),
        ({"kept_after_expiry_ms": 7 * 86_400_000 - 1}, "`int` >= 604800000"),
        ({"report_wait_ms": 8 * 86_400_000}, "wanted up to kept_after_expiry_ms"),
        ({"ports": GOOD["ports"][:1]}, "wanted servicing at one port, found 0"),
        ({"ports": [*GOOD["ports"], GOOD["ports"][0]]}, "wanted marketing at one port, found 2"),
        (
            {"ports": [{**one, "sender_profiles": ["gold"]} for one in GOOD["ports"]]},
            "wanted sender profile gold at one port, found 2",
        ),
        ({"simulated": {"bribed_ppm": 1}}, "unknown field `bribed_ppm`"),
        ({"ports": [{**GOOD["ports"][0], "per_second": 0}]}, "`int` >= 1"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    tmp_path: Path, chosen: dict[str, Any], complaint: str
) -> None:
    """With what was wanted and what was found."""
    with pytest.raises(SettingsError, match=complaint):
        read_gateway_settings(written(tmp_path, **chosen))


def test_command_refuses_settings_with_exit_code_78(tmp_path: Path) -> None:
    """One line, no traceback."""
    path = written(tmp_path, rate=1)
    done = CliRunner().invoke(
        main, ["gateway", "--settings", str(path)], env={"CARDCUE_SETTINGS": ""}
    )

    assert EXIT_SETTINGS == done.exit_code
    assert "could not use the settings: gateway settings: object contains unknown field" in (
        done.output
    )


def test_gateway_knows_nothing_of_decisions() -> None:
    """It is a program that another team could have written: neither lifecycle nor agents."""
    probe = (
        "import sys, cli.gateway_command; print(sorted({'lifecycle', 'agents'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, check=True, text=True
    )

    assert "[]\n" == done.stdout


def test_settings_in_the_documentation_are_good(tmp_path: Path) -> None:
    """Whoever copies them from docs/gateway.md has a gateway that starts."""
    page = (ROOT / "docs/gateway.md").read_text()
    settings, template = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "gateway.yaml").write_text(settings)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/bill.yaml").write_text(template)
    own = read_gateway_settings(tmp_path / "gateway.yaml")
    variables = {"amount_minor": 120_050, "currency": "CNY", "due_date": "2026-03-09"}
    bill = trigger(template_id="bill_reminder", variables=variables)

    assert str(tmp_path / "texts") == own.templates
    assert "1,200.50" in read_templates(Path(own.templates)).fill(bill)
