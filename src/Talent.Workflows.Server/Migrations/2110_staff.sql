-- People who administer this installation in Studio: their accounts and what they are signed in with.
-- role: viewer, designer, operator, administrator.
create table security.staff (
    id text primary key,
    name text not null,
    role text not null check (role in ('viewer', 'designer', 'operator', 'administrator')),
    password_hash text not null,
    created_at timestamptz not null,
    created_by text not null,
    changed_at timestamptz not null,
    changed_by text not null,
    disabled_at timestamptz
);

-- The token itself is never stored: hash is the SHA-256 of its text. Machine clock.
create table security.sessions (
    hash bytea primary key,
    staff_id text not null references security.staff (id) on delete cascade,
    created_at timestamptz not null,
    seen_at timestamptz not null
);
create index sessions_staff on security.sessions (staff_id);
create index sessions_seen on security.sessions (seen_at);
