"""What we deploy with is judged by the tools that will read it, and each judge can say no."""

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from streams.settings import Settings, SettingsError, read_settings
from tests.kafka_server import ROOT


COMPOSE = ROOT / "docker-compose.yml"
PROMETHEUS = ROOT / "deploy/prometheus/prometheus.yml"
DOCKERFILE = ROOT / "deploy/Dockerfile"


def judged(*command: str | Path) -> bool:
    """Return whether the tool accepts what it is shown."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def compose_accepts(path: Path) -> bool:
    """Return whether `path` is a compose file by the published schema."""
    tool = Path(sys.executable).parent / "check-jsonschema"
    return judged(tool, "--builtin-schema", "vendor.compose-spec", path)


def services() -> dict[str, Any]:
    """Return the services of docker-compose.yml, aliases resolved."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


@pytest.fixture
def promtool() -> str:
    """Return Prometheus's own checker, or skip without it."""
    if (found := shutil.which("promtool")) is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    return found


def test_compose_file_is_valid() -> None:
    """docker-compose.yml follows the compose specification."""
    assert compose_accepts(COMPOSE)


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("    ports:", "    portz:"),
        ("restart: unless-stopped", "restart: [1]"),
        ("services:", "svc:"),
    ],
)
def test_broken_compose_file_is_refused(tmp_path: Path, written: str, broken: str) -> None:
    """The judge above notices a misspelt key, a wrong type and an unknown section."""
    text = COMPOSE.read_text()
    path = tmp_path / "docker-compose.yml"
    path.write_text(text.replace(written, broken))

    assert text != path.read_text()
    assert not compose_accepts(path)


@pytest.mark.parametrize("service", ["topics", "worker"])
def test_compose_speaks_of_settings_that_exist(service: str) -> None:
    """Every CARDCUE_ variable in docker-compose.yml is one that the worker reads."""
    settings = read_settings(services()[service]["environment"])

    assert "kafka:29092" == settings.bootstrap


def test_unknown_setting_is_refused() -> None:
    """The check above can fail: a misspelt variable stops the worker."""
    with pytest.raises(SettingsError, match="CARDCUE_BOOTSTRAPP"):
        read_settings({"CARDCUE_BOOTSTRAPP": "kafka:29092"})


def test_compose_publishes_on_loopback_only() -> None:
    """Nothing that `make up` starts can be reached from another machine."""
    ports = [port for service in services().values() for port in service.get("ports", ())]

    assert 3 == len(ports)
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_waits_for_topics_before_the_worker() -> None:
    """The one-shot `topics` waits for a healthy broker, the worker for the one-shot's success."""
    topics, worker = services()["topics"], services()["worker"]

    assert ["topics", "create"] == topics["command"]
    assert "service_healthy" == topics["depends_on"]["kafka"]["condition"]
    assert "service_completed_successfully" == worker["depends_on"]["topics"]["condition"]


def test_compose_runs_the_kafka_that_the_tests_run() -> None:
    """The image and the jars of the tests are of one version."""
    version = re.search(r"<kafka.version>(.*)</", (ROOT / "deploy/kafka/pom.xml").read_text())

    assert version is not None
    assert f"apache/kafka:{version[1]}" == services()["kafka"]["image"]


def test_prometheus_config_is_accepted(promtool: str) -> None:
    """Prometheus reads deploy/prometheus/prometheus.yml and the rules it names."""
    assert judged(promtool, "check", "config", PROMETHEUS)


def test_broken_prometheus_config_is_refused(promtool: str, tmp_path: Path) -> None:
    """The judge above notices a misspelt key, and rules that are not there."""
    misspelt = tmp_path / "misspelt.yml"
    misspelt.write_text(PROMETHEUS.read_text().replace("scrape_configs", "scrape_config"))
    lonely = tmp_path / "lonely" / "prometheus.yml"
    lonely.parent.mkdir()
    lonely.write_text(PROMETHEUS.read_text())

    assert not judged(promtool, "check", "config", misspelt)
    assert not judged(promtool, "check", "config", lonely)


def test_prometheus_scrapes_where_the_worker_listens() -> None:
    """The scrape target is the worker's service at the port it is told, its default."""
    jobs = yaml.safe_load(PROMETHEUS.read_text())["scrape_configs"]
    target = next(job for job in jobs if job["job_name"] == "cardcue")["static_configs"][0]
    settings = read_settings(services()["worker"]["environment"])

    assert [f"worker:{settings.http_port}"] == target["targets"]
    assert Settings().http_port == settings.http_port
    assert "0.0.0.0" == settings.http_host  # noqa: S104 (inside its container)


def test_alerts_wake_for_a_dead_worker_only(promtool: str) -> None:
    """A worker that is down or dies again and again wakes somebody; one restart does not."""
    assert judged(promtool, "test", "rules", ROOT / "tests/deploy/alerts_test.yml")


def test_wrong_alert_is_noticed(promtool: str, tmp_path: Path) -> None:
    """The judge above says no when the rule looks at another job."""
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text()
    (tmp_path / "alerts.yml").write_text(rules.replace('up{job="cardcue"}', 'up{job="other"}'))
    told = (ROOT / "tests/deploy/alerts_test.yml").read_text()
    path = tmp_path / "alerts_test.yml"
    path.write_text(told.replace("../../deploy/prometheus/alerts.yml", "alerts.yml"))

    assert not judged(promtool, "test", "rules", path)


def sent_to_builder(path: str) -> bool:
    """Return whether .dockerignore, which names what is sent, lets `path` through."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return any(fnmatch(path, line[1:]) for line in lines if line.startswith("!"))


def test_image_copies_what_is_there() -> None:
    """Each file that deploy/Dockerfile copies exists and is sent to the builder."""
    copies = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    paths = [path for line in copies for path in line.split()]

    assert 10 == len(paths)
    assert [] == [path for path in paths if not (ROOT / path).exists()]
    assert [] == [path for path in paths if not sent_to_builder(path)]
    assert not sent_to_builder(".git")


def test_image_does_not_run_as_root() -> None:
    """The last user that deploy/Dockerfile names is a number, and not root's."""
    users = re.findall(r"^USER (\d+):\d+$", DOCKERFILE.read_text(), re.MULTILINE)

    assert ["10001"] == users
