"""Erasure secrets reach the fold that uses them, and a worker without them says so (B5)."""

import asyncio

import pytest
from structlog.testing import capture_logs

from agents import runtime
from agents.runtime import Runtime
from agents.specs import fold_specs
from schemas.events import ErasureRequested
from schemas.routing import JOURNAL_TOPIC
from streams.replay import replay
from streams.settings import Settings, SettingsError
from tests.lifecycle.builders import TENANT, Bank
from tests.lifecycle.told import stored


TENANTS = (TENANT, "other")
WARNING = "erasure markers without a secret"


def warned(settings: Settings) -> list[tuple[str, str]]:
    """Return the level and the tenants of each warning of a start with these settings."""
    with capture_logs() as lines:
        runtime.warn_of_unkeyed_markers(settings)
    return [(line["log_level"], line["tenant"]) for line in lines if line["event"] == WARNING]


def test_fold_of_the_settings_keys_its_markers() -> None:
    """The marker that a worker's fold writes depends on the tenant's secret in the settings."""
    bank = Bank(consent="")
    bank.say(ErasureRequested(request_id="r"), 0)
    markers = []
    for secrets in ({}, {TENANT: "pepper"}, {TENANT: "salt"}, {"other": "pepper"}):
        spec = fold_specs(Settings(tenants=TENANTS, erasure_secrets=secrets))["lifecycle"]
        found = replay(spec.make(0, 4), stored(bank.journal), sources=[(JOURNAL_TOPIC, 0)])
        markers.append(next(key for key in found.rows if key.startswith(b"#erased")))

    assert markers[0] == markers[3]
    assert 3 == len({*markers})


def test_worker_warns_of_tenants_without_a_secret() -> None:
    """Once, of those that lack one; a worker that folds no customers has nothing to say."""
    settings = Settings(tenants=TENANTS, erasure_secrets={TENANT: "pepper"})
    complete = Settings(tenants=(TENANT,), erasure_secrets={TENANT: "pepper"})

    assert [("warning", "bank,other")] == warned(Settings(tenants=TENANTS))
    assert [("warning", "other")] == warned(settings)
    assert [] == warned(complete)
    assert [] == warned(Settings(tenants=TENANTS, folds=("ingest", "clock")))


async def run_without_a_broker(settings: Settings) -> None:
    """Start a worker whose settings name no user to connect as."""
    await Runtime(settings, {}, {}, lambda _: None).run()


def test_worker_warns_once_at_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it connects, so that the line is there whatever comes next."""
    monkeypatch.setattr(runtime, "calm_collector", lambda: None)  # it is for the process's life
    settings = Settings(tenants=TENANTS, security_protocol="SASL_SSL")
    with capture_logs() as lines, pytest.raises(SettingsError, match="sasl_username"):
        asyncio.run(run_without_a_broker(settings))

    assert [WARNING] == [line["event"] for line in lines if "erasure" in line["event"]]
