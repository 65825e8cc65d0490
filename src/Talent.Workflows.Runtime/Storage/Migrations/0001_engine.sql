-- What the engine keeps. Every row that a step writes for a waiting instance counts: at most 4 KB with its indexes.
create schema engine;
create schema quartz;

create table engine.definitions (
    id text primary key,
    definition_id text not null,
    version integer not null,
    name text not null,
    is_latest boolean not null,
    is_published boolean not null,
    document bytea not null,
    content_hash text not null,
    created_at timestamptz not null,
    created_by text not null,
    published_at timestamptz,
    unique (definition_id, version)
);
create unique index definitions_latest on engine.definitions (definition_id) where is_latest;
create unique index definitions_published on engine.definitions (definition_id) where is_published;

-- No index on a column that steps change: an update stays in its page and touches no index.
create table engine.instances (
    id uuid primary key,
    definition_id text not null,
    definition_version_id text not null,
    version bigint not null,
    status smallint not null,
    sub_status smallint not null,
    incidents integer not null,
    correlation_id text,
    name text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    chain_hash bytea,
    state bytea not null
) with (fillfactor = 70);
create index instances_definition on engine.instances (definition_id, id);
create index instances_correlation on engine.instances (correlation_id, id) where correlation_id is not null;
create index instances_incidents on engine.instances (id) where incidents > 0;

-- Waits that have to be found by name. Tasks are found through the tables of the domain.
create table engine.bookmarks (
    id uuid primary key,
    instance_id uuid not null,
    event_name text not null,
    correlation_id text
);
create index bookmarks_event on engine.bookmarks (event_name, correlation_id);

-- The earliest due instant of each instance (business clock). hold_until (machine clock) is a claim's lease or a retry's back-off.
create table engine.timers (
    instance_id uuid primary key,
    due_at timestamptz not null,
    hold_until timestamptz not null default '-infinity',
    attempts integer not null default 0,
    set_aside boolean not null default false,
    last_error text
) with (fillfactor = 70);
create index timers_due on engine.timers (due_at) where not set_aside;
create index timers_set_aside on engine.timers (instance_id) where set_aside;

-- One row a step: the execution log, and the tail that nodes and streams follow by (xid, instance_id, seq).
create table engine.journal (
    instance_id uuid not null,
    seq bigint not null,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    entries bytea not null,
    primary key (instance_id, seq)
);
create index journal_tail on engine.journal (xid, instance_id, seq);

-- What became of each signal. outcome: 0 applied, 1 waiting, 2 superseded, 3 not expected.
create table engine.signals (
    instance_id uuid not null,
    signal_id text not null,
    name text not null,
    outcome smallint not null,
    at timestamptz not null,
    constraint signals_pkey primary key (instance_id, signal_id)
);

create table engine.receipts (
    credential text not null,
    key text not null,
    request_hash bytea not null,
    instance_id uuid not null,
    version bigint not null,
    outcome smallint not null,
    answer bytea,
    at timestamptz not null,
    constraint receipts_pkey primary key (credential, key)
);
create index receipts_at on engine.receipts using brin (at);

-- Messages that no delivery has failed on yet; what failed moves to outbox_failed, so that this one stays short.
create table engine.outbox (
    seq bigint generated always as identity,
    id uuid not null,
    instance_id uuid not null,
    kind text not null,
    ordering_key text,
    payload bytea not null,
    created_at timestamptz not null,
    leased_until timestamptz not null default '-infinity',
    primary key (kind, seq)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
create index outbox_ordering on engine.outbox (ordering_key, seq) where ordering_key is not null;

create table engine.outbox_failed (
    seq bigint primary key,
    id uuid not null,
    instance_id uuid not null,
    kind text not null,
    ordering_key text,
    payload bytea not null,
    created_at timestamptz not null,
    attempts integer not null,
    retry_at timestamptz not null,
    dead boolean not null,
    last_error text not null
);
create index outbox_failed_retry on engine.outbox_failed (retry_at) where not dead;
create index outbox_failed_ordering on engine.outbox_failed (ordering_key, seq) where ordering_key is not null and not dead;
create index outbox_failed_dead on engine.outbox_failed (seq) where dead;

-- Facts that all nodes follow: one row.
create table engine.settings (
    id smallint primary key default 1 check (id = 1),
    clock_offset_us bigint not null default 0,
    intake_paused boolean not null default false,
    intake_reason text,
    changed_by text,
    changed_at timestamptz
);
insert into engine.settings default values;

create table engine.nodes (
    id uuid primary key,
    name text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    swept_at timestamptz
);
