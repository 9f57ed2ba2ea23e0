"""Keep what a customer said about being contacted: core.md §3.2 (6), §3.8 (opt-out, partners)."""

from tests.checker.identity import Facts
from tests.checker.oracle_words import instant_ms


CONSENTS_MAX = 32
REFUSALS = {"denied", "revoked"}
WHOLE_CHANNEL = "*"


def hear_consent(customer: Facts, event: Facts, at: int, event_id: str) -> bool:
    """Keep the newest word for a purpose on a channel; False when there is no room for it."""
    place = (event["purpose"], event["channel"])
    if place not in customer["consents"] and len(customer["consents"]) == CONSENTS_MAX:
        return False
    _keep(customer, place, event, at, event_id)
    return True


def opt_out(customer: Facts, channel: str, at: int, event_id: str) -> bool:
    """Keep a refusal of the whole channel, if need be in place of the oldest `granted`."""
    consents, place = customer["consents"], (WHOLE_CHANNEL, channel)
    if place not in consents and len(consents) == CONSENTS_MAX:
        granted = [one for one, kept in consents.items() if kept["status"] == "granted"]
        if not granted:
            return False
        del consents[min(granted, key=lambda one: (consents[one]["at"], *one))]
    _keep(customer, place, {"status": "revoked"}, at, event_id)
    return True


def withdrawn_at(customer: Facts, purpose: str) -> int | None:
    """Return the newest refusal of a purpose's partner data, 0 for none, None for no word."""
    kept = customer["consents"].get((purpose, "data"))
    return None if kept is None else int(kept["withdrawn"])


def word_for(customer: Facts, purpose: str, channel: str) -> Facts | None:
    """Return the word that binds contact: the newer of the purpose's own and an opt-out."""
    own: Facts | None = customer["consents"].get((purpose, channel))
    out: Facts | None = customer["consents"].get((WHOLE_CHANNEL, channel))
    if out is None or out["status"] != "revoked":
        return own
    if own is not None and (own["at"], own["event_id"]) >= (out["at"], out["event_id"]):
        return own
    return out


def ask_consent(customer: Facts, policy: Facts, channel: str, now: int) -> tuple[str, str]:
    """Return why a campaign may not use a channel, "" if it may, and the evidence of consent."""
    is_marketing = policy["message_class"] == "marketing"
    kept = word_for(customer, policy["purpose"], channel)
    if kept is None:
        return ("NO_CONSENT" if is_marketing else ""), ""
    if kept["status"] == "granted":
        if is_marketing and kept["effective"] > now:
            return "NO_CONSENT", ""
        return "", kept["event_id"]
    return ("OPTED_OUT" if kept["status"] == "revoked" else "NO_CONSENT"), ""


def _keep(customer: Facts, place: tuple[str, str], said: Facts, at: int, event_id: str) -> None:
    kept = customer["consents"].get(place)
    withdrawn = max(kept["withdrawn"] if kept else 0, at if said["status"] in REFUSALS else 0)
    if kept is None or (at, event_id) > (kept["at"], kept["event_id"]):
        kept = {
            "status": said["status"],
            "at": at,
            "event_id": event_id,
            "effective": instant_ms(said.get("effective_at")),
            "withdrawn": 0,
            "evidence": said.get("evidence_ref", ""),
        }
    customer["consents"][place] = kept | {"withdrawn": withdrawn}
