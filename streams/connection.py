"""
Turn settings into what the Kafka clients are built with: the one place that knows of TLS and SASL.

Secrets are read from their mounts here, each time a client is made, and handed to the client only.
"""

import ssl
from pathlib import Path
from typing import Any, Final

from streams.settings import Settings, SettingsError


REQUEST_TIMEOUT_MS: Final = 10_000
"""How long an administrative request may take before it counts as failed."""

LOG_LEVEL_CRITICAL: Final = 2
"""Syslog's number. At 3 librdkafka prints every attempt to connect, twenty a second; whoever uses
the client should give it an `error_cb` and pass the cause on."""


def client_arguments(settings: Settings) -> dict[str, Any]:
    """
    Return the keyword arguments that every aiokafka producer, consumer and admin client shares.

    Raises:
        SettingsError: the combination is unsafe in production, incomplete, or names files that
            are no certificates; the process must not start.

    """
    check_security(settings)
    arguments: dict[str, Any] = {
        "bootstrap_servers": settings.bootstrap,
        "client_id": client_id(settings),
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL"):
        arguments["ssl_context"] = _ssl_context(settings)
    if settings.security_protocol.startswith("SASL_"):
        arguments["sasl_mechanism"] = settings.sasl_mechanism
        arguments["sasl_plain_username"] = settings.sasl_username
        arguments["sasl_plain_password"] = read_secret(settings, "sasl_password_file")
    return arguments


def librdkafka_configuration(settings: Settings) -> dict[str, str | int | float | bool]:
    """
    Return the same for a confluent-kafka client, under librdkafka's names.

    Raises:
        SettingsError: as `client_arguments`, files that are no certificates apart: librdkafka
            says that itself.

    """
    check_security(settings)
    named: dict[str, str | int | float | bool] = {
        "bootstrap.servers": settings.bootstrap,
        "client.id": client_id(settings),
        "security.protocol": settings.security_protocol.lower(),
        "socket.timeout.ms": REQUEST_TIMEOUT_MS,
        "log_level": LOG_LEVEL_CRITICAL,
    }
    if settings.security_protocol.endswith("SSL"):
        named["ssl.ca.location"] = settings.ssl_ca_file
        named["ssl.certificate.location"] = settings.ssl_certificate_file
        named["ssl.key.location"] = settings.ssl_key_file
        named["ssl.key.password"] = read_secret(settings, "ssl_key_password_file")
        named["ssl.endpoint.identification.algorithm"] = "https"  # the host name must match
    if settings.security_protocol.startswith("SASL_"):
        named["sasl.mechanism"] = settings.sasl_mechanism
        named["sasl.username"] = settings.sasl_username
        named["sasl.password"] = read_secret(settings, "sasl_password_file")
    return {name: value for name, value in named.items() if value != ""}


def client_id(settings: Settings) -> str:
    """Return what broker logs and quotas know this process by."""
    return f"{settings.app_id}-{settings.instance_id}"


def check_security(settings: Settings) -> None:
    """
    Refuse what would send customers' events, or passwords, in the clear or cannot work at all.

    Raises:
        SettingsError: with what was wanted and what was found.

    """
    protocol = settings.security_protocol
    in_the_clear = protocol in {"PLAINTEXT", "SASL_PLAINTEXT"}
    if settings.profile == "production" and in_the_clear and not settings.plaintext_allowed:
        wanted = "security_protocol: wanted SSL or SASL_SSL in production, or plaintext_allowed"
        raise SettingsError(f"{wanted}, found {protocol}")
    if protocol.startswith("SASL_"):
        for name in ("sasl_username", "sasl_password_file"):
            if not getattr(settings, name):
                raise SettingsError(f"{name}: wanted a value for {protocol}, found none")
    if bool(settings.ssl_certificate_file) != bool(settings.ssl_key_file):
        wanted = "wanted ssl_certificate_file and ssl_key_file together"
        raise SettingsError(f"{wanted}, found one of them")


def read_secret(settings: Settings, name: str) -> str:
    """
    Return the secret in the file that the setting names, "" where it names none.

    Line ends after it are dropped: editors and `echo` put them there.

    Raises:
        SettingsError: the file cannot be read or is empty.

    """
    path: str = getattr(settings, name)
    if not path:
        return ""
    try:
        secret = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        found = type(error).__name__
        raise SettingsError(f"{name}: wanted a readable text file, found {found}") from None
    if not secret:
        raise SettingsError(f"{name}: wanted a secret in the file, found an empty one")
    return secret


def _ssl_context(settings: Settings) -> ssl.SSLContext:
    """Return a client context: certificate and host name checked, TLS 1.2 or newer."""
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca_file or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.ssl_certificate_file:
            password = read_secret(settings, "ssl_key_password_file")
            # "" keeps openssl from asking the terminal for a password
            context.load_cert_chain(
                settings.ssl_certificate_file, settings.ssl_key_file, lambda: password
            )
    except OSError as error:  # ssl.SSLError is one
        found = f"{type(error).__name__} {error.errno}"
        raise SettingsError(f"ssl_*_file: wanted readable PEM files, found {found}") from error
    return context
