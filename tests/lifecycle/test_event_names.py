"""What a rule may read of an event: its whole numbers, texts and truth values."""

from typing import Any

import msgspec
import pytest

from cli.cel import check
from lifecycle.event_names import names_of
from lifecycle.features.context import Context
from schemas.forms import journaled
from schemas.routing import ROUTES, Route
from schemas.state import CustomerRow


CUSTOMER_ROUTES = [route for route in ROUTES if route.concerns == "customer"]


@pytest.mark.parametrize("route", CUSTOMER_ROUTES, ids=lambda route: route.event_type)
def test_every_name_is_of_its_kind(route: Route) -> None:
    """Read of the story's event, each field that has a name gives what a rule was checked for."""
    names, types = names_of(route.event_type), {"int": int, "string": str, "bool": bool}
    context = Context(CustomerRow(), 0, "", "", None, None, _event(route))

    for name, kind in names.kinds.items():
        assert type(names.readers[name](context)) is types[kind]
        assert check(f"{name} == {name}", names.kinds, "bool")
    texts = {f"event.{f.name}" for f in msgspec.structs.fields(route.shape) if "token" in f.name}
    assert texts <= names.kinds.keys()


def _event(route: Route) -> Any:  # noqa: ANN401 (any event)
    """Return the story's event of a type."""
    return journaled(route.event_type).record


@pytest.mark.parametrize("event_type", ["tick", "policy.published", "history.ended", "unheard.of"])
def test_what_no_customer_has_has_no_names(event_type: str) -> None:
    """A rule can be about a customer's event only."""
    assert not names_of(event_type).kinds


def test_dates_times_and_lists_have_no_names() -> None:
    """What a rule could not compare."""
    names = {*names_of("statement.issued").kinds, *names_of("profile.changed").kinds}

    assert not names & {"event.due_date", "event.segment_codes", "event.attributes"}
    assert {"event.instalment_eligible", "event.time_zone", "event.staff"} <= names
