-- 实名认证、换绑、人工申诉 (R-ACC-2). All instants but those of identity_moves are of the machine clock.

-- Goes up when name or number change, and when a verified identity is taken from the account: what was found out of the one before is void.
alter table approvals.people add column identity_version bigint not null default 1;

-- One row a try; the highest seq is the newest. name and resident_id: what is asked about, gone once it is answered. identity_version: the person's when it was asked;
-- of one that is bound to another account, the person's with the name and number that were confirmed. request_hash: of a request that may be repeated.
create table approvals.identity_verifications (
    id uuid primary key,
    seq bigint generated always as identity,
    person_id uuid not null references approvals.people on delete cascade,
    identity_version bigint not null,
    name text,
    key_id integer not null references approvals.data_keys,
    resident_id bytea,
    state text not null default 'pending' check (state in ('pending', 'verified', 'mismatch', 'bound_to_another', 'changed', 'refused')),
    asked_at timestamptz not null,
    answered_at timestamptz,
    credential text not null,
    request_hash bytea,
    check (state not in ('pending', 'refused') or name is not null and resident_id is not null)
);
create index identity_verifications_person on approvals.identity_verifications (person_id, seq desc);
create unique index identity_verifications_pending on approvals.identity_verifications (person_id) where state = 'pending';
create index identity_verifications_key on approvals.identity_verifications (key_id);

-- Who took over a verified identity from whom, and by what right. Ids alone; nothing is deleted.
create table approvals.identity_moves (
    id uuid primary key,
    at timestamptz not null,
    way text not null check (way in ('rebinding', 'appeal')),
    to_person uuid not null,
    from_person uuid,
    verification_id uuid not null,
    code_id uuid,
    face_check_id uuid,
    case_id uuid,
    user_id text,
    credential text,
    check ((way = 'rebinding') = (code_id is not null and face_check_id is not null)),
    check ((way = 'appeal') = (case_id is not null))
);
create index identity_moves_to on approvals.identity_moves (to_person, at);
create index identity_moves_from on approvals.identity_moves (from_person, at);
