-- Verification codes (R-ACC-1). Numbers, addresses, answers and codes are here as HMACs under a key that the database doesn't have;
-- all instants are of the machine clock.

-- Which key the HMACs are made with: counts made with two keys would count nothing.
create table approvals.code_key (
    one boolean primary key default true check (one),
    id text not null,
    registered_at timestamptz not null
);

create table approvals.code_challenges (
    id uuid primary key,
    answer bytea not null,
    expires_at timestamptz not null,
    spent_at timestamptz
);
create index code_challenges_expiry on approvals.code_challenges (expires_at);

-- A challenge that was passed gives one code, which has its id. receipt: of the request that it passed for.
create table approvals.codes (
    id uuid primary key,
    phone bytea not null,
    purpose text not null,
    hash bytea not null,
    expires_at timestamptz not null,
    tries smallint not null default 0,
    passed_at timestamptz,
    receipt bytea,
    sent_at timestamptz,
    send_error text
);
create index codes_expiry on approvals.codes (expires_at);

-- The instants of the last requests of a key, oldest first; after until they say nothing any more.
create table approvals.code_limits (
    key bytea primary key,
    recent timestamptz[] not null,
    until timestamptz not null
);
create index code_limits_until on approvals.code_limits (until);
