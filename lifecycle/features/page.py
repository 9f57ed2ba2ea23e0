"""Write docs/features.md: every declared feature, by the groups of the portrait."""

from collections.abc import Iterator, Mapping

from lifecycle.features.context import Feature
from lifecycle.features.declared import FEATURES, PORTRAIT
from schemas.scenes import SCENES


HEAD = """\
# Features: what may be read of a customer

Made of the code by `make docs`; rules read them by name ([rules.md](rules.md)). All of them are as
of the decision, from what is kept in the customer's row: nothing is looked up elsewhere. "Absent"
is what a feature is where nothing is known. A campaign that reads a feature marked *behaviour* is
a personal offer, and not made to who has opted out of those. Money is in minor units; shares are
in parts per million (ppm), whole numbers throughout. Habits (counts by days, gaps, drifts, scenes,
times) are of the newest 16 purchases, what has become a habit is of some months of them; one that
was taken back later stays among them.
"""


def features_page() -> str:
    """Return the whole page as Markdown."""
    scenes = " ".join(f"`{scene}`" for scene in SCENES)
    parts = [HEAD, f"Scenes: {scenes}.\n\n{len(FEATURES)} features.\n"]
    for title, group in PORTRAIT.items():
        parts.append(f"## {title}\n\n" + "\n".join(_table(group)) + "\n")
    return "\n".join(parts)


def _table(group: Mapping[str, Feature]) -> Iterator[str]:
    """Yield a table with a row for every feature."""
    yield "| feature | kind | unit | absent | behaviour | what it is |\n|---|---|---|---|---|---|"
    for name, one in group.items():
        marked = "yes" if one.behavioural else ""
        yield f"| `{name}` | {one.kind} | {one.unit} | `{_shown(one)}` | {marked} | {one.meaning} |"


def _shown(feature: Feature) -> str:
    """Return what stands for nothing known, as a rule would write it."""
    if feature.kind == "bool":
        return "false"
    if feature.kind == "int":
        return str(feature.absent)
    return {"string": '""', "strings": "[]"}.get(feature.kind, "{}")
