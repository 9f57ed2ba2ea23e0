"""Whose record it is: binding, header and body, cell by cell (docs/core.md 1, step 3; N1)."""

import pytest

from schemas import forms
from tests.builders_source import bound, json_bytes, purchase
from tests.schemas.refusals import Body, accepted_tenant, binary, refused, structured


CONTROL = "marketing.control.v1"
TENANTS = (
    # bound to, header, body: the tenant, or the reason
    ("bank-a", None, None, "bank-a"),
    ("bank-a", "bank-a", None, "bank-a"),
    ("bank-a", None, "bank-a", "bank-a"),
    ("bank-a", "bank-a", "bank-a", "bank-a"),
    ("bank-a", "bank-b", None, "TENANT_MISMATCH"),
    ("bank-a", None, "bank-b", "TENANT_MISMATCH"),
    ("bank-a", "bank-a", "bank-b", "TENANT_MISMATCH"),
    ("bank-a", "bank-b", "bank-b", "TENANT_MISMATCH"),
    ("bank-a", "nobody", None, "TENANT_MISMATCH"),
    ("bank-a", "", "", "bank-a"),
    ("*", "bank-b", None, "bank-b"),
    ("*", None, "bank-b", "bank-b"),
    ("*", "bank-b", "bank-b", "bank-b"),
    ("*", "bank-a", "bank-b", "TENANT_MISMATCH"),
    ("*", "nobody", "nobody", "TENANT_UNKNOWN"),
    ("*", None, "BANK-A", "TENANT_UNKNOWN"),
    ("*", None, None, "TENANT_UNKNOWN"),
    ("*", "", None, "TENANT_UNKNOWN"),
    ("*", "*", None, "TENANT_UNKNOWN"),
)


# a CloudEvent in headers has nothing but the event's own fields in its body
TENANTS_BY_FORM = [
    (form, *row)
    for form in ("plain", "structured", "binary")
    for row in TENANTS
    if form != "binary" or row[2] is None
]


@pytest.mark.parametrize(("form", "bound_to", "header", "body", "outcome"), TENANTS_BY_FORM)
def test_incoming_tenant_by_binding_header_and_body(
    form: str, bound_to: str, header: str | None, body: str | None, outcome: str
) -> None:
    """N1: the table, cell by cell, in each form."""
    headers = {} if header is None else {"ce_tenantid": header.encode()}
    if form == "plain":
        value: Body = purchase(tenant=... if body is None else body)
    elif form == "structured":
        value = structured(tenantid=... if body is None else body)
    else:
        value, headers = json_bytes(structured()["data"]), binary() | headers
    if outcome.startswith("TENANT"):
        refusal = refused(value, bound(tenant=bound_to), **headers)
        assert refusal.reason == outcome
        assert refusal.tenant == ("" if bound_to == "*" else bound_to)
    else:
        assert accepted_tenant(value, bound(tenant=bound_to), **headers) == outcome


def test_incoming_policy_of_another_tenant_is_refused() -> None:
    """N1: a payload that disagrees is rejected, also where a policy says whose it is."""
    body = forms.plain("policy.published") | {"tenant": "bank-a"}
    assert refused(body, bound(CONTROL)).reason == "TENANT_MISMATCH"
