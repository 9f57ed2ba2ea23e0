"""Campaign files: readable durations, and for every mistake its file, line, place and cure."""

import re
from pathlib import Path

import pytest

from cli.policy_file import PolicyFileError, policy_hash, read_policy
from schemas.campaign import AbsenceEntry, Cap, SilenceEntry
from schemas.codec import encode_json
from schemas.durations import read_duration
from tests.cli.campaign_text import CAMPAIGNS, GOOD, line_of, mistake


STAGES = "acquire, activate, amount_lift, bind, frequency_lift, instalment, pay, win_back"
FIELDS = (
    "id, version, tenant, title, owner, stage, trigger_type, message_class, purpose, entry, "
    "occurrence, steps, treatment, exit_on, caps, priority, expires_after, eligibility, "
    "applicability, suitability, base_rate_ppm, value_minor, lever_percent, contact_cost_minor, "
    "experiment, cool_down, start, end, conversion, fallbacks, offer, budget_minor, model, "
    "guardrails, choice, report_by"
)
HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.mark.parametrize("file", sorted(CAMPAIGNS.glob("*.yaml")), ids=lambda file: file.stem)
def test_our_campaigns_are_good(file: Path) -> None:
    """Each file in campaigns/ is a whole campaign, named as its file, capped and with a purpose."""
    campaign = read_policy(file, tenant="bank")

    assert file.stem == campaign.id
    assert campaign.caps
    assert campaign.message_class == campaign.purpose


def test_our_campaigns_are_ten() -> None:
    """Nine that sell and one that serves; each says in Chinese what it is called."""
    files = sorted(CAMPAIGNS.glob("*.yaml"))
    campaigns = {file.stem: read_policy(file, tenant="bank") for file in files}

    assert {
        "activation_nudge": "marketing",
        "amount_lift": "marketing",
        "bind_incentive": "marketing",
        "first_spend_offer": "marketing",
        "frequency_lift": "marketing",
        "instalment_push": "marketing",
        "repayment_reminder": "servicing",
        "temporary_limit": "marketing",
        "win_back": "marketing",
        "win_back_decline": "marketing",
    } == {name: campaign.message_class for name, campaign in campaigns.items()}
    titles = (line for file in files for line in file.read_text("utf-8").splitlines())
    named = [line for line in titles if line.startswith("title: ")]
    assert 10 == len([line for line in named if re.search(r" # [\u4e00-\u9fff]+$", line)])


def test_durations_are_read_as_people_write_them() -> None:
    """`72h`, `7d` and `1w` become milliseconds, under the names that the struct has."""
    nudge = read_policy(CAMPAIGNS / "activation_nudge.yaml", tenant="bank")
    win_back = read_policy(CAMPAIGNS / "win_back.yaml", tenant="bank")

    assert [72 * HOUR, 7 * DAY] == [step.delay_ms for step in nudge.steps]
    assert Cap(scope="campaign", count=2, window_ms=30 * DAY) == nudge.caps[0]
    assert 24 * HOUR == nudge.expires_after_ms
    reminder = read_policy(CAMPAIGNS / "repayment_reminder.yaml", tenant="bank")
    assert [(3 * DAY, 0), (DAY, 0)] == [(step.lead_ms, step.delay_ms) for step in reminder.steps]
    assert AbsenceEntry(after="card.issued", without="card.activated") == nudge.entry
    assert isinstance(win_back.entry, SilenceEntry)
    assert 7 * DAY == win_back.entry.unit_ms
    assert (0.243, 4.414, 0.793, 2.426) == (
        win_back.entry.r,
        win_back.entry.alpha,
        win_back.entry.a,
        win_back.entry.b,
    )


@pytest.mark.parametrize(
    ("text", "duration_ms"),
    [
        ("5ms", 5),
        ("5s", 5_000),
        ("5m", 300_000),
        ("5h", 5 * HOUR),
        ("2d", 2 * DAY),
        ("1w", 7 * DAY),
    ],
)
def test_duration_has_a_unit(text: str, duration_ms: int) -> None:
    """A whole number and one of six units."""
    assert duration_ms == read_duration(text)


@pytest.mark.parametrize("text", ["", "5", "h", "1.5h", "-1h", "1h30m", "5 h", "5H", "٣h"])
def test_duration_without_unit_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="wanted a duration such as 72h, 7d or 1w, found"):
        read_duration(text)


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("version: 1\ntitle", "version: soon\ntitle", "version", "wanted int, found 'soon'"),
        ("version: 1\ntitle", "version: 0\ntitle", "version", "wanted int >= 1, found 0"),
        ("version: 1\ntitle", "version: true\ntitle", "version", "wanted int, found True"),
        ("version: 1\ntitle", "version:\ntitle", "version", "wanted a value, found nothing"),
        (
            "stage: activate",
            "stage: activation",
            "stage",
            f"wanted one of {STAGES}, found 'activation'",
        ),
        (
            "  kind: absence",
            "  kind: absent",
            "entry.kind",
            (
                "wanted one of absence, event, silence, due_date, count, "
                "sequence, drift, found 'absent'"
            ),
        ),
        (
            "  after: card.issued",
            "  afer: card.issued",
            "entry.afer",
            "wanted one of kind, after, without, if, found afer",
        ),
        ("channel: sms, ", "", "treatment", "wanted the field channel, found none"),
        (
            "channel: sms",
            "channel: fax",
            "treatment.channel",
            "wanted one of email, in_app, push, sms, voice, wechat, found 'fax'",
        ),
        (
            "priority: 60",
            "priorty: 60",
            "priorty",
            f"wanted one of {FIELDS}, found priorty",
        ),
        (
            "delay: 72h",
            "delay: 3 days",
            "steps[0].delay",
            "wanted a duration such as 72h, 7d or 1w, found '3 days'",
        ),
        (
            "delay: 72h",
            "delay_ms: 5",
            "steps[0].delay_ms",
            "wanted it without _ms, as 72h; found in ms",
        ),
        (
            "delay: 72h",
            "delay: 999999d",
            "steps[0].delay",
            "wanted int <= 315576000000, found 86399913600000",
        ),
        (
            "id: second",
            "id: first",
            "steps[1].id",
            "wanted first once, found it twice",
        ),
        ("[card.activated]", "card.activated", "exit_on", "wanted list, found 'card.activated'"),
        ("count: 3", "count: 33", "caps[1].count", "wanted 32 at most"),
        ("owner: card-lifecycle", "owner: 5", "owner", "wanted str, found 5"),
        ("priority: 60", "priority: 60\npriority: 61", "priority", "wanted it once"),
        ("owner: card-lifecycle", "owner: !!python/name:os.x", "owner", "wanted a plain value"),
    ],
)
def test_mistake_is_told_with_line_and_place(
    tmp_path: Path, old: str, new: str, place: str, said: str
) -> None:
    """`file:line: path: wanted ..., found ...`, in the names and the order of the file."""
    told = mistake(tmp_path, old, new)
    line = line_of(GOOD, old.splitlines()[0])
    if place == "priority":
        line += 1  # the second of the two

    assert told.startswith(f"{line}: {place}: {said}")


def test_words_that_old_yaml_takes_for_truth_stay_words(tmp_path: Path) -> None:
    """`on`, `no` and `12:30` are text: YAML 1.1 would make True, False and 750 of them."""
    file = tmp_path / "campaign.yaml"
    file.write_text(GOOD.replace("owner: card-lifecycle", "owner: no"), encoding="utf-8")

    assert "no" == read_policy(file, tenant="bank").owner
    file.write_text(GOOD.replace("owner: card-lifecycle", "owner: 12:30"), encoding="utf-8")
    assert "12:30" == read_policy(file, tenant="bank").owner


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1: campaign: wanted a document, found nothing"),
        (b"- a\n", "1: campaign: wanted the fields of a campaign, found something else"),
        (b"a: [\n", "2: campaign: wanted YAML, found "),
        (b"a: 1\n---\nb: 2\n", "2: campaign: wanted YAML, found but found another document"),
        (b"a: &x 1\nb: *x\n", "2: campaign: wanted every value written out, found an alias"),
        (b"? [a]\n: 1\n", "1: campaign: wanted a name as key, found something else"),
        (b"\xff\xfe", "1: campaign: wanted UTF-8 text, found other bytes"),
        (b"#" * 65_537, "1: campaign: wanted 65536 bytes at most, found more"),
    ],
)
def test_file_that_is_no_campaign_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """Whatever is in the file, there is one sentence, and no trace of it is loaded."""
    file = tmp_path / "campaign.yaml"
    file.write_bytes(content)
    with pytest.raises(PolicyFileError) as caught:
        read_policy(file, tenant="bank")

    assert str(caught.value).startswith(f"{file}:{said}")


def test_missing_file_is_a_mistake_like_any_other(tmp_path: Path) -> None:
    """The shell's word for it is passed on."""
    with pytest.raises(PolicyFileError, match="1: campaign: wanted a file, found No such file"):
        read_policy(tmp_path / "none.yaml", tenant="bank")


def test_tenant_is_named_once(tmp_path: Path) -> None:
    """In the file or when publishing; where both say it, they agree."""
    file = tmp_path / "campaign.yaml"
    file.write_text(f"{GOOD}\ntenant: bank-a\n", encoding="utf-8")
    last = len(GOOD.splitlines()) + 2

    assert "bank-a" == read_policy(file).tenant == read_policy(file, tenant="bank-a").tenant
    with pytest.raises(
        PolicyFileError, match=f":{last}: tenant: wanted bank-b as asked, found ban"
    ):
        read_policy(file, tenant="bank-b")
    with pytest.raises(PolicyFileError, match=":1: tenant: wanted a tenant, here or as --tenant"):
        read_policy(CAMPAIGNS / "win_back.yaml")


def test_hash_is_of_the_content_alone(tmp_path: Path) -> None:
    """Comments and layout change nothing; a number does."""
    file = tmp_path / "campaign.yaml"
    file.write_text("# another comment\n" + GOOD.replace("72h", "3d"), encoding="utf-8")
    ours = read_policy(CAMPAIGNS / "activation_nudge.yaml", tenant="bank")
    same = read_policy(file, tenant="bank")
    file.write_text(GOOD.replace("72h", "71h"), encoding="utf-8")
    other = read_policy(file, tenant="bank")

    assert encode_json(ours) == encode_json(same)
    assert policy_hash(ours) == policy_hash(same) != policy_hash(other)
    assert 64 == len(policy_hash(ours))
