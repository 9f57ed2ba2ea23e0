"""Check a run on a Kafka from the command line: `python -m tests.checker --bootstrap host:port`."""

import argparse
import sys
from pathlib import Path

import yaml

from tests.checker.check import Names, check_kafka


ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Print the report; return 1 when anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.checker", description=__doc__)
    parser.add_argument("--bootstrap", required=True, help="host:port of a broker")
    parser.add_argument("--topics-prefix", default="", help="what our topics' names begin with")
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="TOPIC=CONTRACT",
        help="a source topic by its full name; without any, the contract topics under the prefix",
    )
    parser.add_argument(
        "--campaigns",
        type=Path,
        default=ROOT / "campaigns",
        help="folder of the YAML files that were published",
    )
    parser.add_argument(
        "--tenant", action="append", default=[], help="each tenant that the settings know"
    )
    parser.add_argument(
        "--erasure-secrets", type=Path, help="YAML file with each tenant's erasure secret"
    )
    parser.add_argument(
        "--production", action="store_true", help="the workers' profile took nothing unsigned"
    )
    told = parser.parse_args(arguments)
    contracts = dict(source.split("=", 1) for source in told.source)
    written = told.erasure_secrets.read_text() if told.erasure_secrets else "{}"
    names = Names(
        prefix=told.topics_prefix,
        contracts=contracts,
        tenants=frozenset(told.tenant),
        secrets=yaml.safe_load(written),
        unsigned_allowed=not told.production,
    )
    report = check_kafka(told.bootstrap, names, told.campaigns)
    sys.stdout.write(f"{report}\n")
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
