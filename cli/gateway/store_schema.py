"""Lay out the gateway's SQLite file; `user_version` says which layout it is."""

from typing import Final


LAYOUT: Final = 1

TABLES: Final = """
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    trigger_id TEXT NOT NULL,
    customer_token TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    port TEXT NOT NULL,
    message_class TEXT NOT NULL,
    on_unknown TEXT NOT NULL,
    issued_at_ms INTEGER NOT NULL,
    due_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'received'
        CHECK (state IN ('received', 'submitting', 'submitted', 'final')),
    attempt INTEGER NOT NULL DEFAULT 0,
    doubtful INTEGER NOT NULL DEFAULT 0,
    submitted_at_ms INTEGER NOT NULL DEFAULT 0,
    gateway_msg_id TEXT NOT NULL DEFAULT '',
    final_status TEXT NOT NULL DEFAULT '' CHECK ((final_status = '') = (state <> 'final')),
    value BLOB,
    UNIQUE (tenant, key)
);
CREATE INDEX by_trigger ON messages (tenant, trigger_id);
CREATE INDEX by_report ON messages (gateway_msg_id) WHERE gateway_msg_id <> '';
CREATE INDEX by_lane ON messages (tenant, port, due_at_ms, seq) WHERE state = 'received';
CREATE INDEX by_customer ON messages (tenant, customer_token) WHERE state = 'received';
CREATE INDEX by_expiry ON messages (state, expires_at_ms);
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    record_id TEXT NOT NULL UNIQUE,
    event_type TEXT NOT NULL,
    tenant TEXT NOT NULL,
    customer_token TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    value BLOB NOT NULL,
    keep_until_ms INTEGER NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX by_unsent ON outbox (seq) WHERE sent = 0;
CREATE TABLE refused (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    key BLOB,
    value BLOB,
    PRIMARY KEY (topic, partition, offset)
);
CREATE TABLE switches (
    tenant TEXT NOT NULL,
    campaign_id TEXT NOT NULL,
    PRIMARY KEY (tenant, campaign_id)
);
CREATE TABLE control_seen (
    tenant TEXT NOT NULL,
    event_source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, event_source, event_id)
);
CREATE TABLE control_read (
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
);
CREATE TABLE optouts (
    tenant TEXT NOT NULL,
    customer_token TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, customer_token)
);
"""
"""
A message waits from `due_at_ms` on. `doubtful` says that an earlier submission may have reached
the customer. `switches` are those that are engaged, campaign '' being the whole tenant.
"""
