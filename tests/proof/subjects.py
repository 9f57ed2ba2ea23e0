"""Say which customer an output is about: outcomes are keyed by model, and so of many of them."""

from schemas.records import OutputRecord, SourceRecord


def subject_of(record: SourceRecord | OutputRecord) -> bytes:
    """Return `tenant|customer_token` by the headers; `tenant|` of what is about nobody."""
    headers = dict(record.headers)
    return headers["ce_tenantid"] + b"|" + headers["ce_subject"]
