"""The one place that builds clients' security: nothing in the clear by mistake, secrets mounted."""

import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams.connection import client_arguments, librdkafka_configuration
from streams.settings import Settings, SettingsError


SECRET = "s3cret-canary"  # noqa: S105 (made up)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str, str]:
    """Return certificate, encrypted key and password file of a throw-away authority."""
    password = tmp_path / "password"
    password.write_text(f"{SECRET}\n")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-days", "1"]
    files = ["-passout", f"file:{password}", "-keyout", key, "-out", certificate]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", *subject, *files],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return str(certificate), str(key), str(password)


def test_plaintext_needs_nothing_but_an_address() -> None:
    """On a laptop: address, protocol, and a name for the broker's log."""
    settings = Settings(bootstrap="127.0.0.1:9", app_id="cardcue", instance_id="w-2")

    assert {
        "bootstrap_servers": "127.0.0.1:9",
        "client_id": "cardcue-w-2",
        "security_protocol": "PLAINTEXT",
    } == client_arguments(settings)


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT"])
@pytest.mark.parametrize("build", [client_arguments, librdkafka_configuration])
def test_production_refuses_the_clear_unless_told(
    build: Callable[[Settings], dict[str, Any]], protocol: str, tmp_path: Path
) -> None:
    """Customers' events and passwords cross no production network unencrypted by default."""
    password = tmp_path / "password"
    password.write_text(SECRET)
    told = {
        "profile": "production",
        "security_protocol": protocol,
        "sasl_username": "app",
        "sasl_password_file": str(password),
    }

    with pytest.raises(SettingsError, match=f"wanted SSL or SASL_SSL in production.*{protocol}"):
        build(Settings(**told))
    assert build(Settings(**told, plaintext_allowed=True))


def test_tls_checks_certificate_and_host(certificate: tuple[str, str, str]) -> None:
    """A broker is believed only with a certificate for its name, at TLS 1.2 or newer."""
    path, key, password = certificate
    settings = Settings(
        security_protocol="SASL_SSL",
        sasl_username="app",
        sasl_password_file=password,
        ssl_ca_file=path,
        ssl_certificate_file=path,
        ssl_key_file=key,
        ssl_key_password_file=password,
    )
    arguments = client_arguments(settings)
    context = arguments["ssl_context"]
    named = librdkafka_configuration(settings)

    assert (True, ssl.CERT_REQUIRED) == (context.check_hostname, context.verify_mode)
    assert ssl.TLSVersion.TLSv1_2 == context.minimum_version
    assert ["127.0.0.1"] == [
        value for names in context.get_ca_certs()[0]["subject"] for _, value in names
    ]
    assert ("SCRAM-SHA-512", "app", SECRET) == (
        arguments["sasl_mechanism"],
        arguments["sasl_plain_username"],
        arguments["sasl_plain_password"],
    )
    assert ("sasl_ssl", "https", SECRET, SECRET) == (
        named["security.protocol"],
        named["ssl.endpoint.identification.algorithm"],
        named["sasl.password"],
        named["ssl.key.password"],
    )


def test_a_wrong_key_password_is_refused_without_showing_it(
    certificate: tuple[str, str, str], tmp_path: Path
) -> None:
    """No prompt on a terminal, no password in the message."""
    path, key, _ = certificate
    wrong = tmp_path / "wrong"
    wrong.write_text("other-canary")
    settings = Settings(
        security_protocol="SSL",
        ssl_ca_file=path,
        ssl_certificate_file=path,
        ssl_key_file=key,
        ssl_key_password_file=str(wrong),
    )

    with pytest.raises(SettingsError, match="wanted readable PEM files") as caught:
        client_arguments(settings)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"sasl_username": "app"}, "sasl_password_file: wanted a value for SASL_SSL, found none"),
        ({"sasl_password_file": "x"}, "sasl_username: wanted a value for SASL_SSL, found none"),
    ],
)
def test_half_a_login_is_refused(told: dict[str, str], why: str) -> None:
    """A name without a password, or the reverse, cannot log in."""
    with pytest.raises(SettingsError, match=why):
        client_arguments(Settings(security_protocol="SASL_SSL", **told))


def test_half_a_certificate_is_refused() -> None:
    """A certificate without its key proves nothing."""
    settings = Settings(security_protocol="SSL", ssl_certificate_file="cert.pem")

    with pytest.raises(SettingsError, match="ssl_certificate_file and ssl_key_file together"):
        client_arguments(settings)


@pytest.mark.parametrize(("content", "found"), [("", "an empty one"), (None, "FileNotFoundError")])
def test_a_secret_that_is_not_there_is_refused(
    tmp_path: Path, content: str | None, found: str
) -> None:
    """An empty or missing mount stops the start; it is no empty password."""
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    settings = Settings(
        security_protocol="SASL_SSL", sasl_username="app", sasl_password_file=str(file)
    )

    with pytest.raises(SettingsError, match=f"sasl_password_file: .* found {found}"):
        client_arguments(settings)
