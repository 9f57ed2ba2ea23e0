"""A bank's control plane on an embedded broker: people with key files, and commands as typed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml
from click.testing import CliRunner, Result

from cli.main import main
from streams.embedded import EmbeddedBroker
from tests.kafka_server import ROOT


CAMPAIGNS = ROOT / "campaigns"
TEMPLATES = [str(file) for file in sorted((ROOT / "deploy" / "templates").glob("*.yaml"))]
MODELS = [str(file) for file in sorted((ROOT / "deploy" / "models").glob("*.yaml"))]
CONTROL = "marketing.control.v1"
BANK = "bank-a"


class ControlPlane(NamedTuple):
    """A folder with campaign and key files, and a broker."""

    folder: Path
    bootstrap: str
    profile: str = "production"

    def run(self, *words: str, answer: str = "") -> Result:
        """Run a command of `policy`, of `tenant`, or `model ...`, under this bank's settings."""
        environ = {
            "CARDCUE_PROFILE": self.profile,
            "CARDCUE_PLAINTEXT_ALLOWED": "true",
            "CARDCUE_BOOTSTRAP": self.bootstrap,
            "CARDCUE_TENANTS": BANK,
            "CARDCUE_INSTANCE_ID": "w1",
            "CARDCUE_CHECK_CRCS": "false",
        }
        of_tenants = {"configure", "calendar", "contact-policy", "template", "offer"}
        group = "tenant" if words[0] in of_tenants else "policy"
        typed = words if words[0] == "model" else (group, *words)
        return CliRunner().invoke(main, typed, env=environ, input=answer)

    def told(self, *words: str, answer: str = "") -> str:
        """Run a command that must succeed; return what it printed."""
        done = self.run(*words, answer=answer)
        assert 0 == done.exit_code, done.output
        return done.stdout

    def refused(self, *words: str, answer: str = "") -> str:
        """Run a command that must not succeed; return why."""
        done = self.run(*words, answer=answer)
        assert 1 == done.exit_code, done.output
        return done.stderr

    def key(self, person: str) -> str:
        """Return the key file of a person, made at the first time."""
        file = self.folder / f"{person}.pem"
        if not file.exists():
            lines = self.told("key", "new", str(file), "--person", person)
            (self.folder / f"{person}.yaml").write_text(lines, encoding="utf-8")
        return str(file)

    def pin(self, *people: str, version: int = 1, signed_by: tuple[str, ...] = ()) -> list[str]:
        """Return the words that pin people's keys."""
        keys = []
        for person in people:
            self.key(person)
            keys += yaml.safe_load((self.folder / f"{person}.yaml").read_text(encoding="utf-8"))
        file = self.folder / "tenant.yaml"
        said = {"live_from_ms": 0, "version": version, "signing_keys": keys}
        file.write_text(yaml.safe_dump(said), encoding="utf-8")
        options = ("--author-key", "--approver-key")
        signers = [word for pair in zip(options, signed_by, strict=False) for word in pair]
        return ["configure", str(file), "--tenant", BANK, *signers]

    def campaign(self, old: str = "", new: str = "", *, name: str = "activation_nudge") -> str:
        """Return a campaign file, with one thing changed in it."""
        file = self.folder / f"{name}.yaml"
        text = (
            file.read_text("utf-8") if file.exists() else (CAMPAIGNS / file.name).read_text("utf-8")
        )
        assert not old or 1 == text.count(old)
        file.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        return str(file)

    def signers(self) -> tuple[str, ...]:
        """Return the options by which both people sign."""
        return ("--author-key", self.key("li"), "--approver-key", self.key("chen"))

    def define_models(self, *signers: str) -> str:
        """Define the house's models, which its campaigns name; return what was printed."""
        return self.told("model", "define", *MODELS, "--tenant", BANK, *signers)

    def sign(self, file: str, author: str = "li", approver: str = "chen") -> None:
        """Let two people sign a file."""
        self.told("sign", file, "--key", self.key(author), "--role", "author", "--tenant", BANK)
        self.told("approve", file, "--key", self.key(approver), "--yes", "--tenant", BANK)


@contextmanager
def control_plane(folder: Path, profile: str = "production") -> Iterator[ControlPlane]:
    """Yield a bank whose control topic is empty."""
    with EmbeddedBroker() as broker:
        broker.create_topic(CONTROL, 2)
        yield ControlPlane(folder, broker.bootstrap, profile)


@contextmanager
def keyed(folder: Path) -> Iterator[ControlPlane]:
    """Yield a bank in production with two pinned keys, the house's wordings and its models."""
    with control_plane(folder) as bank:
        bank.told(*bank.pin("li", "chen"))
        bank.told("template", *TEMPLATES, "--tenant", BANK, *bank.signers())
        bank.define_models(*bank.signers())
        yield bank
