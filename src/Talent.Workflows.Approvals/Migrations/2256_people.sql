-- People with their profiles. Numbers and addresses are sealed under the data key that key_id names and found by blind indexes; names are
-- found by their characters and pairs of neighbouring characters. user_id is the account.
create table approvals.people (
    id uuid primary key,
    user_id text not null unique references approvals.users,
    version bigint not null default 1,
    name text not null,
    name_folded text not null,
    name_grams text[] not null,
    key_id integer not null references approvals.data_keys,
    resident_id bytea,
    phone bytea,
    email bytea,
    resident_id_index bytea,
    phone_index bytea,
    email_index bytea,
    verified_at timestamptz,
    submitted_at timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    changed_at timestamptz not null
);
create index people_name on approvals.people using gin (name_grams);
create index people_resident_id on approvals.people (resident_id_index);
create index people_phone on approvals.people (phone_index);
create index people_email on approvals.people (email_index);
create index people_key on approvals.people (key_id);
-- A verified identity belongs to one account.
create unique index people_verified on approvals.people (resident_id_index) where verified_at is not null;

-- One row a step of the profile; data: what isn't personal, sealed: the personal fields as one JSON object. version: the person's at the last save.
create table approvals.person_steps (
    person_id uuid not null references approvals.people on delete cascade,
    step text not null,
    version bigint not null,
    key_id integer not null references approvals.data_keys,
    data jsonb not null,
    sealed bytea,
    saved_at timestamptz not null,
    saved_by text not null,
    primary key (person_id, step)
);
create index person_steps_key on approvals.person_steps (key_id);
