-- Service keys and the secrets of this installation.
create schema security;

-- The key itself is never stored: hash is the SHA-256 of its text. An absent limit (null) doesn't restrict.
create table security.keys (
    id text primary key,
    name text not null,
    hash bytea not null constraint keys_hash unique,
    scopes text[] not null,
    services text[],
    organisations text[],
    roles text[],
    created_at timestamptz not null,
    created_by text not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);

-- Random values that all nodes share, such as what cursors are signed with.
create table security.secrets (
    name text primary key,
    value bytea not null
);
