-- 补正: what a return asks to be corrected, by the task that returned the case. items: [{"field" or "material", "note"}].
create table approvals.corrections (
    task_id uuid primary key,
    case_id uuid not null,
    items jsonb not null,
    only_these boolean not null,
    at timestamptz not null,
    by_user text not null
);
create index corrections_case on approvals.corrections (case_id, at);

-- What a phase said before it was corrected, by the task that asked for the correction; sealed as approvals.case_data is.
create table approvals.case_data_before (
    task_id uuid not null,
    phase smallint not null,
    case_id uuid not null,
    data jsonb not null,
    sealed bytea,
    key_id integer not null,
    primary key (task_id, phase)
);
create index case_data_before_case on approvals.case_data_before (case_id);
