-- 单位信息: what employers say of themselves (R-EMP-1). version 0: nothing was saved yet.
create table approvals.employer_profiles (
    id uuid primary key,
    employer_id text not null unique references approvals.organisations,
    version bigint not null default 0,
    submitted_at timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    changed_at timestamptz not null
);

-- One row a step; data: what isn't personal, sealed: the personal fields as one JSON object. version: the profile's at the last save.
create table approvals.employer_steps (
    profile_id uuid not null references approvals.employer_profiles on delete cascade,
    step text not null,
    version bigint not null,
    key_id integer not null references approvals.data_keys,
    data jsonb not null,
    sealed bytea,
    saved_at timestamptz not null,
    saved_by text not null,
    primary key (profile_id, step)
);
create index employer_steps_key on approvals.employer_steps (key_id);
