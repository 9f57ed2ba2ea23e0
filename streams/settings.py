"""
Read what a deployment may decide, once, into one frozen struct.

From a YAML file named by `CARDCUE_SETTINGS`, and from variables `CARDCUE_<NAME>` which win. A
password is never in it: it is the name of a mounted file, read by `streams.connection` when it
connects. The tenants' erasure secrets are, and are never shown.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml
from msgspec import Meta, Struct

from schemas.routing import (
    DECISIONS_TOPIC,
    INSIGHT_TOPIC,
    JOURNAL_TOPIC,
    OFFERS_TOPIC,
    OUTCOMES_TOPIC,
    PROGRESS_TOPIC,
    REJECTED_TOPIC,
    REPLAYED_TOPIC,
    SOURCE_TOPICS,
    STATE_TOPICS,
    TRIGGER_TOPICS,
    SourceBinding,
)


Positive = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,128}\Z")]
"""A tenant, app or member: safe in topic keys, group ids and metric labels."""
Secret = Annotated[str, Meta(min_length=1)]
FoldName = Literal["ingest", "clock", "lifecycle", "learning", "insight"]

PREFIX: Final = "CARDCUE_"
FILE_VARIABLE: Final = "CARDCUE_SETTINGS"
MUST_NAME_IN_PRODUCTION: Final = ("bootstrap", "tenants", "instance_id")
"""Settings whose defaults are for a laptop only."""
IN_YAML: Final = {"bindings": "list", "erasure_secrets": "mapping"}
"""Settings that a variable gives as YAML, and what it then is."""
TOPIC_PATTERN: Final = r"^[A-Za-z0-9._-]{1,249}\Z"
OUR_TOPICS: Final = frozenset(
    {
        JOURNAL_TOPIC,
        PROGRESS_TOPIC,
        REJECTED_TOPIC,
        REPLAYED_TOPIC,
        DECISIONS_TOPIC,
        OUTCOMES_TOPIC,
        INSIGHT_TOPIC,
        OFFERS_TOPIC,
        *TRIGGER_TOPICS.values(),
        *STATE_TOPICS.values(),
    }
)
"""What the folds write; as a source it would feed itself."""


class SettingsError(ValueError):
    """The settings cannot be used; the process must not start (exit code 78)."""


DEFAULT_BINDINGS: Final = tuple(SourceBinding(topic=topic) for topic in SOURCE_TOPICS)
"""Every source topic under its own name, from trusted producers that name the tenant (N1)."""


class Settings(Struct, frozen=True, kw_only=True):
    """
    Everything a deployment may decide.

    `instance_id` is the static group member id, one per running worker: of two workers with the
    same one the older exits. Task counts, `journal_partition_count` and, for the outcomes,
    `output_partition_count` are fixed when the topics are created. `source_partition_count` is
    for sources that carry much: the quiet ones of `streams.topic_table` begin with two.
    `linger_*_ms` bound how long a commit waits for company, without and with a backlog.
    `check_crcs` is False on the embedded broker only. `http_port` 0 takes a free one. `folds` are
    those that this worker runs; `fetch_wait_ms` is how long an idle fetch stays open.
    `plaintext_allowed` lets the production profile talk to Kafka without TLS. `erasure_secrets` by
    tenant key what is kept of erased customers (SEMANTICS B5), for ever: with another secret their
    late events would bring them back.
    On Kubernetes set `enableServiceLinks: false`: its variables would be unknown settings here.
    """

    profile: Literal["development", "production"] = "development"
    bootstrap: Annotated[str, Meta(min_length=1)] = "127.0.0.1:9092"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    plaintext_allowed: bool = False
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str = ""
    sasl_password_file: str = ""
    ssl_ca_file: str = ""
    ssl_certificate_file: str = ""
    ssl_key_file: str = ""
    ssl_key_password_file: str = ""
    app_id: Name = "cardcue"
    instance_id: Name = "worker-1"
    tenants: tuple[Name, ...] = ("demo",)
    erasure_secrets: dict[Name, Secret] = {}
    bindings: tuple[SourceBinding, ...] = DEFAULT_BINDINGS
    source_partition_count: Positive = 8
    output_partition_count: Positive = 8
    journal_partition_count: Positive = 32
    ingest_task_count: Positive = 4
    clock_task_count: Literal[1] = 1
    lifecycle_task_count: Positive = 4
    learning_task_count: Positive = 2
    insight_task_count: Positive = 2
    replication_factor: Annotated[int, Meta(ge=1, le=7)] = 1
    session_timeout_ms: Positive = 10_000
    linger_idle_ms: NotNegative = 40
    linger_busy_ms: NotNegative = 20
    transaction_record_count_max: Positive = 5_000
    backfill_lead_ms: Annotated[int, Meta(ge=2_000)] = 3_600_000  # claims and ticks move by 1 s
    metadata_refresh_ms: Positive = 30_000
    fetch_wait_ms: Positive = 100
    folds: tuple[FoldName, ...] = ("ingest", "clock", "lifecycle", "learning", "insight")
    check_crcs: bool = True
    compression: Literal["none", "gzip"] = "none"
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=0, le=65_535)] = 9464
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    def __post_init__(self) -> None:
        """
        Refuse settings that contradict each other, however they were made.

        Raises:
            SettingsError: with what was wanted and what was found.

        """
        for name, values in (("tenants", self.tenants), ("folds", self.folds)):
            if len(set(values)) != len(values) or not values:
                raise SettingsError(f"{name}: wanted one or more, each once, found {values}")
        for tenant in self.erasure_secrets:
            if tenant not in self.tenants:
                wanted = f"erasure_secrets: wanted one of {self.tenants}"
                raise SettingsError(f"{wanted}, found {tenant}")
        if self.journal_partition_count < self.lifecycle_task_count:
            wanted = f"journal_partition_count: wanted {self.lifecycle_task_count} or more"
            raise SettingsError(
                f"{wanted}, one for each lifecycle task, found {self.journal_partition_count}"
            )
        bound: set[str] = set()
        for binding in self.bindings:
            _check_binding(binding, self.tenants)
            if binding.topic in bound:
                raise SettingsError(f"bindings: wanted {binding.topic} once, found it twice")
            bound.add(binding.topic)

    # `typing.override` is not in Python 3.11
    def __repr__(self) -> str:  # type: ignore[explicit-override]
        """Show what `describe` shows, so that no secret reaches a log by way of an exception."""
        return f"Settings({', '.join(describe(self))})"

    def task_count(self, fold: FoldName) -> int:
        """Return how many tasks share the fold's work: the partition count of its changelog."""
        counts = {
            "ingest": self.ingest_task_count,
            "clock": self.clock_task_count,
            "lifecycle": self.lifecycle_task_count,
            "learning": self.learning_task_count,
            "insight": self.insight_task_count,
        }
        return counts[fold]


FIELDS: Final = {field.name: field for field in msgspec.structs.fields(Settings)}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """
    Return the settings that the environment names; the same environment gives the same settings.

    Raises:
        SettingsError: a file that cannot be read, an unknown name, a value of the wrong kind,
            a contradiction, or a production profile that rests on a laptop's defaults.

    """
    named = {**_from_file(environ.get(FILE_VARIABLE, "")), **_from_variables(environ)}
    settings = Settings(**{name: _converted(name, value) for name, value in named.items()})
    if settings.profile == "production":
        for name in MUST_NAME_IN_PRODUCTION:
            if name not in named:
                raise SettingsError(f"{name}: wanted a value of your own in production, found none")
    for name in FIELDS:
        if name.endswith("_file"):
            _check_file(name, getattr(settings, name))
    return settings


def describe(settings: Settings) -> Iterator[str]:
    """Yield one line for each setting, in the order of the struct, without any secret."""
    for name in FIELDS:
        value = getattr(settings, name)
        if name == "erasure_secrets":
            value = dict.fromkeys(value, "***")
        shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if name.endswith("_password_file") and value:
            shown = "***"  # who types the password itself in here must not see it in a log
        yield f"{name} = {shown}"


def _check_binding(binding: SourceBinding, tenants: tuple[str, ...]) -> None:
    """Refuse a binding that names what does not exist, or a history of nobody in particular."""
    where = f"binding of {binding.topic}"
    if not re.match(TOPIC_PATTERN, binding.topic) or binding.topic in OUR_TOPICS:
        raise SettingsError(f"{where}: wanted a name of a topic that we do not write")
    contract = binding.contract or binding.topic
    if contract not in SOURCE_TOPICS:
        known = ", ".join(SOURCE_TOPICS)
        raise SettingsError(f"{where}: wanted one of {known} as contract, found {contract}")
    if binding.tenant != "*" and binding.tenant not in tenants:
        raise SettingsError(f"{where}: wanted one of {tenants} or *, found {binding.tenant}")
    if binding.time_source == "records" and binding.tenant == "*":
        raise SettingsError(f"{where}: wanted one tenant where time_source is records, found *")
    if binding.lateness_ms < 0 or binding.clock_skew_ms < 0:
        found = f"lateness_ms {binding.lateness_ms}, clock_skew_ms {binding.clock_skew_ms}"
        raise SettingsError(f"{where}: wanted 0 or more, found {found}")


def _from_file(path: str) -> dict[str, Any]:
    """Return what the settings file says; no file is an empty one."""
    if not path:
        return {}
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = type(error).__name__  # not its text: YAML errors quote the file
        raise SettingsError(f"{FILE_VARIABLE}: wanted a YAML file, found {why}") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise SettingsError(f"{FILE_VARIABLE}: wanted a mapping, found {type(found).__name__}")
    for name in found:
        _check_known(str(name), str(name))
    return found


def _from_variables(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what `CARDCUE_*` says: text, comma lists, YAML for bindings and erasure secrets."""
    found: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or variable == FILE_VARIABLE:
            continue
        name = variable.removeprefix(PREFIX).lower()
        _check_known(name, variable)
        found[name] = text
        if name in {"tenants", "folds"}:
            found[name] = [part.strip() for part in text.split(",") if part.strip()]
        elif name in IN_YAML:
            try:
                found[name] = yaml.safe_load(text)
            except yaml.YAMLError:  # without its cause, which quotes the text
                wanted = f"{variable}: wanted a YAML {IN_YAML[name]}"
                raise SettingsError(f"{wanted}, found other text") from None
    return found


def _check_known(name: str, where: str) -> None:
    if name not in FIELDS:
        hint = ": name a file" if f"{name}_file" in FIELDS else ""
        raise SettingsError(f"wanted a known setting, found {where}{hint}")


def _converted(name: str, value: Any) -> Any:  # noqa: ANN401 (any setting)
    """Return the value as the struct wants it; numbers and booleans may be written as text."""
    try:
        return msgspec.convert(value, FIELDS[name].type, strict=False)
    except msgspec.ValidationError as error:
        why = str(error)
        secret = "password" in name or "secret" in name
        shown = "something else" if secret else repr(value)
        raise SettingsError(f"{name}: {why[0].lower()}{why[1:]}, found {shown}") from error


def _check_file(name: str, path: str) -> None:
    """Refuse a mount that is named but cannot be read, at the start rather than at 3 am."""
    if not path:
        return
    try:
        with Path(path).open("rb"):
            return
    except OSError as error:
        raise SettingsError(f"{name}: wanted a readable file, found {error.strerror}") from error
