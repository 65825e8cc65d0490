-- 申报条件测试 (R-ELG-1, R-ELG-2, R-ELG-4, R-ELG-5).

-- A test or questionnaire of somebody, as long as it lasts. sealed: what is known of them, their answers and certificate numbers, as one JSON object.
-- All instants are of the machine clock. request_hash: of a request that may be repeated.
create table approvals.eligibility_sessions (
    id uuid primary key,
    user_id text not null,
    service text not null,
    version bigint not null default 1,
    key_id integer not null references approvals.data_keys,
    sealed bytea not null,
    begun_at timestamptz not null,
    changed_at timestamptz not null,
    expires_at timestamptz not null,
    credential text not null,
    request_hash bytea
);
create index eligibility_sessions_user on approvals.eligibility_sessions (user_id);
create index eligibility_sessions_expiry on approvals.eligibility_sessions (expires_at);
create index eligibility_sessions_key on approvals.eligibility_sessions (key_id);

-- What the rules said of a case: begun, when its draft was opened from a test; filed, when it was handed in. The highest seq (a version of the instance)
-- is the newest. sealed: the explained answer with the facts it was made of; sha256: of that. rules: the version of the conditions.
create table approvals.case_eligibility (
    id uuid primary key,
    case_id uuid not null,
    seq bigint not null,
    kind text not null check (kind in ('begun', 'filed')),
    rules text not null,
    key_id integer not null references approvals.data_keys,
    sealed bytea not null,
    sha256 text not null,
    at timestamptz not null,
    by_user text not null
);
create unique index case_eligibility_case on approvals.case_eligibility (case_id, seq desc);
create index case_eligibility_key on approvals.case_eligibility (key_id);
