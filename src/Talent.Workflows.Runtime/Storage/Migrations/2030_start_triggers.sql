-- What starts new instances of published definitions. One row an activity; written at publishing, removed at retracting.
-- next_at (business clock) is the cursor of a timed trigger: it moves in the transaction that leaves the start in the outbox.
create table engine.triggers (
    definition_id text not null,
    activity_id text not null,
    version_id text not null,
    event_name text,
    next_at timestamptz,
    primary key (definition_id, activity_id)
);
create index triggers_event on engine.triggers (event_name) where event_name is not null;
create index triggers_due on engine.triggers (next_at) where next_at is not null;

-- Events that callers have published to whatever waits for them. The row makes a repetition a no-op.
create table engine.broadcasts (
    credential text not null,
    signal_id text not null,
    name text not null,
    correlation_id text,
    published_by text,
    instances integer not null,
    starts integer not null,
    at timestamptz not null,
    constraint broadcasts_pkey primary key (credential, signal_id)
);
create index broadcasts_at on engine.broadcasts using brin (at);

-- A version 7 UUID of an instant: ids of instances are in the order of their creation.
create function engine.time_id(at timestamptz) returns uuid language sql volatile as $$
    select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid
$$;
