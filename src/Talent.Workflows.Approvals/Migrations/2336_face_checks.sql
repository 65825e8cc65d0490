-- 人脸识别 (R-ACC-4, R-INT-2). All instants are of the machine clock. token and qr_content are the office's, and gone once the check has ended.
-- identity_version: the person's when it began; a result says nothing of another name or number. used_for: the one thing that the result was used for.
create table approvals.face_checks (
    id uuid primary key,
    person_id uuid not null references approvals.people on delete cascade,
    identity_version bigint not null,
    purpose text not null check (purpose in ('look-up', 'rebinding')),
    state text not null default 'waiting' check (state in ('waiting', 'passed', 'failed', 'expired')),
    token_hash bytea not null,
    token text,
    qr_content text,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    asked_at timestamptz,
    ended_at timestamptz,
    used_at timestamptz,
    used_for text,
    credential text not null,
    request_hash bytea,
    check ((state = 'waiting') = (ended_at is null)),
    check (used_at is null or state = 'passed')
);
create unique index face_checks_token on approvals.face_checks (token_hash);
create index face_checks_person on approvals.face_checks (person_id, issued_at);
