-- What was published, once, however many receive it: their rows in the outbox carry its id. payload_hash is keyed. Rows of earlier
-- releases have neither; what they left in the outbox carries its payload itself.
alter table engine.broadcasts
    add column id uuid not null default gen_random_uuid(),
    add column payload bytea,
    add column payload_hash bytea,
    add constraint broadcasts_id unique (id);
