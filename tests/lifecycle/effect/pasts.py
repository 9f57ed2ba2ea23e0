"""Strategies: what was seen before the customer about whom a proof speaks."""

from typing import Literal

from hypothesis import strategies as st

from lifecycle.effect.evidence import PPM
from lifecycle.effect.rates import Arm


Customer = tuple[Arm, Literal[0, 1]]

CUSTOMER: st.SearchStrategy[Customer] = st.tuples(
    st.sampled_from(["control", "contact"]), st.sampled_from([0, 1])
)
PAST = st.lists(CUSTOMER, max_size=40)
SHARE_PPM = st.integers(1_000, PPM - 1_000)
RATE = st.floats(0.0, 1.0)


def chances(
    control_ppm: int, control_rate: float, contact_rate: float
) -> list[tuple[Customer, float]]:
    """Return the four things that can happen to a customer, each with its probability."""
    share = control_ppm / PPM
    return [
        (("control", 1), share * control_rate),
        (("control", 0), share * (1 - control_rate)),
        (("contact", 1), (1 - share) * contact_rate),
        (("contact", 0), (1 - share) * (1 - contact_rate)),
    ]
