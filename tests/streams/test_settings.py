"""The settings: read once, refused with what was wanted and found, printed without secrets."""

import json
import traceback
from pathlib import Path

import msgspec
import pytest

from schemas.routing import SOURCE_TOPICS, SourceBinding
from streams.settings import FIELDS, Settings, SettingsError, describe, read_settings


HISTORY = "{topic: old.v1, contract: card.spend.v1, tenant: bank-a, time_source: records}"


def refused(**variables: str) -> str:
    """Return why these CARDCUE_ variables cannot be used."""
    with pytest.raises(SettingsError) as caught:
        read_settings({f"CARDCUE_{name.upper()}": text for name, text in variables.items()})
    return str(caught.value)


def test_settings_default_to_a_laptop() -> None:
    """Without any variable: a local broker, loopback pages, every source trusted and live."""
    settings = read_settings({"PATH": "/bin"})

    assert Settings() == settings
    assert "development" == settings.profile
    assert ("127.0.0.1", 9464) == (settings.http_host, settings.http_port)
    assert {(topic, "*", "append") for topic in SOURCE_TOPICS} == {
        (binding.topic, binding.tenant, binding.time_source) for binding in settings.bindings
    }
    assert (4, 1, 4, 2, 2) == tuple(settings.task_count(fold) for fold in settings.folds)
    assert ("ingest", "clock", "lifecycle", "learning", "insight") == settings.folds


def test_variables_win_over_the_file(tmp_path: Path) -> None:
    """What is said in both places is what the variable says; the rest is from the file."""
    file = tmp_path / "settings.yml"
    file.write_text(f"tenants: [bank-a, bank-b]\nlinger_busy_ms: 50\nbindings: [{HISTORY}]\n")
    settings = read_settings(
        {"CARDCUE_SETTINGS": str(file), "CARDCUE_LINGER_BUSY_MS": "35", "CARDCUE_HTTP_PORT": "0"}
    )

    assert (("bank-a", "bank-b"), 35, 0) == (
        settings.tenants,
        settings.linger_busy_ms,
        settings.http_port,
    )
    assert (
        SourceBinding(
            topic="old.v1", contract="card.spend.v1", tenant="bank-a", time_source="records"
        ),
    ) == settings.bindings


def test_variables_are_text_for_every_kind_of_setting() -> None:
    """Numbers, booleans, comma lists and YAML: a container has nothing but text to give."""
    settings = read_settings(
        {
            "CARDCUE_TENANTS": "bank-a, bank-b",
            "CARDCUE_FOLDS": "ingest,clock",
            "CARDCUE_CHECK_CRCS": "false",
            "CARDCUE_INGEST_TASK_COUNT": "7",
            "CARDCUE_BINDINGS": f"[{HISTORY}]",
        }
    )

    assert ("bank-a", "bank-b") == settings.tenants
    assert ("ingest", "clock") == settings.folds
    assert (False, 7) == (settings.check_crcs, settings.task_count("ingest"))
    assert ["old.v1"] == [binding.topic for binding in settings.bindings]


def test_an_empty_settings_file_is_a_laptop(tmp_path: Path) -> None:
    """A file with nothing but comments changes nothing."""
    file = tmp_path / "settings.yml"
    file.write_text("# everything as it is\n")

    assert Settings() == read_settings({"CARDCUE_SETTINGS": str(file)})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- a\n", "CARDCUE_SETTINGS: wanted a mapping, found list"),
        ("a: [\n", "CARDCUE_SETTINGS: wanted a YAML file, found ParserError"),
        ("tenant: bank-a\n", "wanted a known setting, found tenant"),
        ("instance_id: 7\n", "instance_id: expected `str`, got `int`, found 7"),
        ("sasl_password: x\n", "wanted a known setting, found sasl_password: name a file"),
    ],
)
def test_settings_file_is_refused_with_what_was_found(tmp_path: Path, text: str, why: str) -> None:
    """A typing error in the file stops the start instead of being a default."""
    file = tmp_path / "settings.yml"
    file.write_text(text)

    with pytest.raises(SettingsError) as caught:
        read_settings({"CARDCUE_SETTINGS": str(file)})
    assert why == str(caught.value)


def test_a_missing_settings_file_is_refused(tmp_path: Path) -> None:
    """A worker whose mount is missing must not start as a laptop."""
    with pytest.raises(SettingsError, match="wanted a YAML file, found FileNotFoundError"):
        read_settings({"CARDCUE_SETTINGS": str(tmp_path / "none.yml")})


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"htp_port": "1"}, "wanted a known setting, found CARDCUE_HTP_PORT"),
        ({"http_port": "x"}, "http_port: expected `int`, got `str`, found 'x'"),
        ({"http_port": "65536"}, "http_port: expected `int` <= 65535, found '65536'"),
        ({"profile": "prod"}, "profile: invalid enum value 'prod', found 'prod'"),
        ({"clock_task_count": "2"}, "clock_task_count: invalid enum value 2, found '2'"),
        ({"tenants": ","}, "tenants: wanted one or more, each once, found ()"),
        ({"tenants": "a,a"}, "tenants: wanted one or more, each once, found ('a', 'a')"),
        ({"bindings": "["}, "CARDCUE_BINDINGS: wanted a YAML list, found other text"),
        (
            {"journal_partition_count": "3"},
            "journal_partition_count: wanted 4 or more, one for each lifecycle task, found 3",
        ),
        (
            {"ssl_ca_file": "/nowhere/ca.pem"},
            "ssl_ca_file: wanted a readable file, found No such file or directory",
        ),
    ],
)
def test_settings_are_refused_with_what_was_wanted_and_found(
    variables: dict[str, str], why: str
) -> None:
    """Unknown names, wrong kinds, bounds and contradictions: one sentence that says which."""
    assert why == refused(**variables)


@pytest.mark.parametrize("tenant", ["a|b", "", "a b", "a\n", "x" * 129])
def test_a_tenant_is_safe_in_keys_and_labels(tmp_path: Path, tenant: str) -> None:
    """N2: a tenant is part of every key `tenant|customer`, so it cannot hold the separator."""
    file = tmp_path / "settings.yml"
    file.write_text(json.dumps({"tenants": [tenant]}))  # JSON is YAML

    with pytest.raises(SettingsError, match="tenants: expected `str` matching regex"):
        read_settings({"CARDCUE_SETTINGS": str(file)})


@pytest.mark.parametrize(
    ("binding", "why"),
    [
        (
            "{topic: old.v1, contract: card.spend.v1, time_source: records}",
            "binding of old.v1: wanted one tenant where time_source is records, found *",
        ),
        (
            "{topic: card.spend.v1, tenant: bank-z}",
            "binding of card.spend.v1: wanted one of ('bank-a',) or *, found bank-z",
        ),
        (
            "{topic: lifecycle.journal.v1, contract: card.spend.v1}",
            "binding of lifecycle.journal.v1: wanted a name of a topic that we do not write",
        ),
        (
            "{topic: card.spend.v1, lateness_ms: -1}",
            "binding of card.spend.v1: wanted 0 or more, found lateness_ms -1, clock_skew_ms 0",
        ),
        (
            "{topic: card.spend.v1}, {topic: card.spend.v1}",
            "bindings: wanted card.spend.v1 once, found it twice",
        ),
    ],
)
def test_a_binding_names_what_exists_and_one_tenant_for_a_history(binding: str, why: str) -> None:
    """N1, T7: a source belongs to one known tenant, or to producers trusted to name it, live."""
    assert why == refused(tenants="bank-a", bindings=f"[{binding}]")


def test_a_binding_of_an_unknown_contract_or_word_is_refused() -> None:
    """A binding that carries nothing we know, or a misspelt option, is no binding."""
    assert "as contract, found my.topic" in refused(bindings="[{topic: my.topic}]")
    assert "unknown field `tennant`" in refused(bindings="[{topic: card.spend.v1, tennant: a}]")


@pytest.mark.parametrize("missing", ["bootstrap", "tenants", "instance_id"])
def test_production_rests_on_no_default_of_a_laptop(missing: str) -> None:
    """In production the broker, the tenants and the worker's name must be said."""
    named = {"profile": "production", "bootstrap": "k:1", "tenants": "a", "instance_id": "w-0"}
    complete = {f"CARDCUE_{name.upper()}": text for name, text in named.items()}
    assert "production" == read_settings(complete).profile

    del named[missing]
    assert f"{missing}: wanted a value of your own in production, found none" == refused(**named)


def test_contradictions_are_refused_however_settings_are_made() -> None:
    """A test or a replay that builds the struct itself is held to the same rules."""
    with pytest.raises(SettingsError, match="folds: wanted one or more"):
        Settings(folds=())
    with pytest.raises(SettingsError, match="wanted one of"):
        msgspec.structs.replace(
            Settings(), bindings=(SourceBinding(topic="card.spend.v1", tenant="bank-z"),)
        )


def test_describe_prints_each_setting_once_without_secrets(tmp_path: Path) -> None:
    """One line a setting; neither the secret nor where it lies is shown, only that there is one."""
    mount = tmp_path / "canary-7731"
    mount.write_text("hunter2-canary\n")
    settings = read_settings(
        {"CARDCUE_SASL_PASSWORD_FILE": str(mount), "CARDCUE_SASL_USERNAME": "app"}
    )
    lines = list(describe(settings))

    assert list(FIELDS) == [line.split(" = ")[0] for line in lines]
    assert "sasl_password_file = ***" in lines
    assert "sasl_username = app" in lines
    assert 'tenants = ["demo"]' in lines
    assert "canary" not in "\n".join(lines) + repr(settings).replace(str(mount), "")


SECRETS = "{bank-a: pepper-canary}"


def test_erasure_secrets_are_read_from_the_file_or_a_variable(tmp_path: Path) -> None:
    """B5: by tenant, as every other setting is; without any, there are none."""
    file = tmp_path / "settings.yml"
    file.write_text(f"tenants: [bank-a]\nerasure_secrets: {SECRETS}\n")
    from_file = read_settings({"CARDCUE_SETTINGS": str(file)})
    from_variable = read_settings({"CARDCUE_TENANTS": "bank-a", "CARDCUE_ERASURE_SECRETS": SECRETS})

    assert {"bank-a": "pepper-canary"} == from_file.erasure_secrets
    assert from_file == from_variable
    assert {} == Settings().erasure_secrets


def test_erasure_secrets_are_shown_to_nobody() -> None:
    """Neither printed, nor in what an exception may quote: only that there is one."""
    settings = Settings(tenants=("bank-a",), erasure_secrets={"bank-a": "pepper-canary"})

    assert 'erasure_secrets = {"bank-a":"***"}' in list(describe(settings))
    assert "canary" not in f"{settings!r} {settings}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{bank-b: canary}", "erasure_secrets: wanted one of ('bank-a',), found bank-b"),
        ("canary", "erasure_secrets: expected `object`, got `str`, found something else"),
        ("{bank-a: 7}", "erasure_secrets: expected `str`, got `int`"),
        ("{bank-a: ''}", "erasure_secrets: expected `str` of length >= 1"),
        ("{canary", "CARDCUE_ERASURE_SECRETS: wanted a YAML mapping, found other text"),
    ],
)
def test_erasure_secrets_are_refused_without_being_quoted(text: str, why: str) -> None:
    """A secret is text of a tenant that there is; what is wrong with it is not shown."""
    with pytest.raises(SettingsError) as caught:
        read_settings({"CARDCUE_TENANTS": "bank-a", "CARDCUE_ERASURE_SECRETS": text})

    assert str(caught.value).startswith(why)
    assert "canary" not in "".join(traceback.format_exception(caught.value))
