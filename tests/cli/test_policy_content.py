"""A campaign names what was approved and defined: `check` by folders, `publish` by the log."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from schemas.template import TEMPLATES_MAX
from tests.cli.campaign_text import CAMPAIGNS, GOOD, line_of, text_of
from tests.cli.control_plane import BANK, TEMPLATES, ControlPlane, control_plane, keyed
from tests.kafka_server import ROOT


OFFER = str(ROOT / "deploy" / "offers" / "first-spend-gift.yaml")
FOLDERS = ("--templates", str(ROOT / "deploy/templates"), "--offers", str(ROOT / "deploy/offers"))


def checked(*words: str) -> Result:
    """Run `cardcue policy check`."""
    return CliRunner().invoke(main, ["policy", "check", *words])


def test_campaigns_of_the_house_are_good_by_their_folders() -> None:
    """Each wording with all that it shows, each offer."""
    files = [str(file) for file in sorted(CAMPAIGNS.glob("*.yaml"))]
    done = checked(*files, *FOLDERS)

    assert 0 == done.exit_code, done.output
    assert len(files) == len(done.stdout.splitlines())


@pytest.mark.parametrize(
    ("campaign", "old", "new", "place", "said"),
    [
        (
            "activation_nudge",
            "template_version: 1",
            "template_version: 2",
            "treatment.template_id",
            "wanted an approved template, activation-nudge version 1; found activation-nudge ver",
        ),
        (
            "activation_nudge",
            "template_id: activation-nudge",
            "template_id: nudge",
            "treatment.template_id",
            "wanted an approved template, one of activation-nudge, ",
        ),
        (
            "activation_nudge",
            "channel: sms",
            "channel: push",
            "treatment.template_id",
            "wanted a template for push, found activation-nudge version 1 for sms",
        ),
        (
            "activation_nudge",
            "template_id: activation-nudge",
            "template_id: win-back",
            "treatment.template_id",
            "wanted the variable silent_days (int), which win-back version 1 shows, found none",
        ),
        (
            "activation_nudge",
            "template_id: activation-nudge, template_version: 1}",
            "template_id: win-back, template_version: 1, variables: {silent_days: stage}}",
            "treatment.template_id",
            "wanted the variable silent_days (int), which win-back version 1 shows, found string",
        ),
        (
            "bind_incentive",
            "priority: 54",
            "offer: another_gift",
            "offer",
            "wanted one of the offers first_spend_gift, found another_gift",
        ),
        (
            "bind_incentive",
            "priority: 54",
            "fallbacks: [{channel: push, template_id: bind-incentive, template_version: 1}]",
            "fallbacks[0].template_id",
            "wanted a template for push, found bind-incentive version 1 for sms",
        ),
    ],
)
def test_what_nobody_has_approved_is_told_with_its_line(
    tmp_path: Path, campaign: str, old: str, new: str, place: str, said: str
) -> None:
    """With the folders; without them only the shape is looked at."""
    text = text_of(campaign)
    assert 1 == text.count(old)
    file = tmp_path / "campaign.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    done = checked(str(file), *FOLDERS)

    assert 1 == done.exit_code
    assert done.stderr.startswith(f"Error: {file}:{line_of(text, old)}: {place}: {said}")
    assert 0 == checked(str(file)).exit_code


def test_campaign_may_show_a_feature_that_its_template_wants(tmp_path: Path) -> None:
    """Whatever its kind has not, a treatment's variables give."""
    file = tmp_path / "campaign.yaml"
    own = "template_id: win-back, template_version: 1, variables: {silent_days: recency_days}}"
    file.write_text(
        GOOD.replace("template_id: activation-nudge, template_version: 1}", own), encoding="utf-8"
    )

    assert 0 == checked(str(file), *FOLDERS).exit_code


def test_folder_that_is_none_is_told() -> None:
    """And a mistake in one of its files with that file's line."""
    done = checked(str(CAMPAIGNS / "win_back.yaml"), "--templates", "/none")

    assert 1 == done.exit_code
    assert "wanted a folder of templates, found none" in done.stderr


def test_first_template_makes_all_others_wanted(tmp_path: Path) -> None:
    """3.14: before it every wording counts as approved; what is there is told."""
    with control_plane(tmp_path, "development") as bank:
        bank.define_models()
        file = bank.campaign()
        before = bank.told("publish", file, "--tenant", BANK)
        bank.told("template", *one("win-back"), "--tenant", BANK)
        bank.campaign("version: 1\ntitle", "version: 2\ntitle")
        refused = bank.refused("publish", file, "--tenant", BANK)
        bank.told("template", *one("activation-nudge"), "--tenant", BANK)
        after = bank.told("publish", file, "--tenant", BANK)

    assert before.startswith("published bank-a activation_nudge version 1 ")
    assert (
        "activation_nudge version 2: treatment.template_id: wanted an approved template, one of "
        "win-back; found activation-nudge version 1"
    ) in refused
    assert after.startswith("published bank-a activation_nudge version 2 ")


def test_bank_with_pinned_keys_sends_no_wording_that_nobody_approved(tmp_path: Path) -> None:
    """3.14: even before its first template."""
    with control_plane(tmp_path) as bank:
        bank.told(*bank.pin("li", "chen"))
        file = bank.campaign()
        bank.sign(file)

        assert "one of none; found activation-nudge" in bank.refused(
            "publish", file, "--tenant", BANK
        )


def test_campaign_promises_what_is_defined(tmp_path: Path) -> None:
    """3.15: an offer that nobody has defined would be NO_INVENTORY for everybody."""
    with keyed(tmp_path) as bank:
        file = promising(bank)
        bank.sign(file)
        refused = bank.refused("publish", file, "--tenant", BANK)
        defined = bank.told("offer", OFFER, "--tenant", BANK, *bank.signers())
        bank.told("publish", file, "--tenant", BANK)
        active = bank.told("ls", "--tenant", BANK)

    wanted = "bind_incentive version 1: offer: wanted one of the offers none, found "
    assert f"{wanted}first_spend_gift" in refused
    assert "published bank-a first_spend_gift version 1\n" == defined
    assert "offer first_spend_gift, budget 5,000,000" in active.splitlines()[0]
    assert "templates approved: activation-nudge 1, amount-lift 1, " in active
    assert "offers defined: first_spend_gift 1 (10,000)\n" in active


def test_templates_take_two_people_once_keys_are_pinned(tmp_path: Path) -> None:
    """P3: as calendars do; all files or none."""
    with keyed(tmp_path) as bank:
        again = bank.told("template", *TEMPLATES, "--tenant", BANK)
        words = ("template", changed(tmp_path, "version: 1", "version: 2"), "--tenant", BANK)
        unsigned = bank.refused(*words)
        alone = bank.refused(*words, "--author-key", bank.key("li"))
        published = bank.told(*words, *bank.signers())

    assert len(TEMPLATES) == again.count("known already bank-a ")
    assert "NOT_SIGNED" in unsigned
    assert "NOT_SIGNED" in alone
    assert "published bank-a win-back version 2\n" == published


def test_words_that_were_approved_are_not_changed(tmp_path: Path) -> None:
    """3.7: other words are another version."""
    with keyed(tmp_path) as bank:
        words = ("template", changed(tmp_path, "回归礼", "大礼"), "--tenant", BANK)
        refused = bank.refused(*words, *bank.signers())

    assert "win-back version 1: wanted a version that was not approved before" in refused
    assert "STALE_VERSION" in refused


def test_wording_beyond_those_that_workers_know_is_refused(tmp_path: Path) -> None:
    """3.7: 256 versions; of one command either all are sent or none."""
    files = []
    for number in range(1, TEMPLATES_MAX + 2):
        files.append(str(tmp_path / f"{number}.yaml"))
        text = f"id: a\nversion: {number}\nchannel: sms\ntext: Hello.\n"
        Path(files[-1]).write_text(text, encoding="utf-8")
    with control_plane(tmp_path, "development") as bank:
        refused = bank.refused("template", *files, "--tenant", BANK)
        published = bank.told("template", *files[:-1], "--tenant", BANK)

    assert (
        "Error: a version 257: wanted room for one more, found as many as workers know" in refused
    )
    assert "(STATE_FULL)" in refused
    assert 256 == published.count("published bank-a a version ")


def one(name: str) -> list[str]:
    """Return the file of one of the house's templates."""
    return [file for file in TEMPLATES if file.endswith(f"/{name}-1.yaml")]


def changed(folder: Path, old: str, new: str) -> str:
    """Return a file of a template in which one thing was changed."""
    (source,) = one("win-back")
    text = Path(source).read_text(encoding="utf-8")
    assert 1 == text.count(old)
    file = folder / "changed.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return str(file)


def promising(bank: ControlPlane) -> str:
    """Return the bind incentive's file, with an offer and a budget."""
    own = "priority: 54\noffer: first_spend_gift\nbudget_minor: 5000000"
    return bank.campaign("priority: 54", own, name="bind_incentive")
