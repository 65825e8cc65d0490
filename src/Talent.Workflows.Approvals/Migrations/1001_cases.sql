-- The domain: people and organisations, cases with their data, tasks, audit, messages.
create schema if not exists approvals;

create table approvals.organisations (
    id text primary key,
    kind text not null,
    name_zh text not null,
    name_en text not null,
    parent_id text,
    region text not null,
    uscc text,
    active boolean not null default true
);

-- 归口: which unit reviews the cases of an employer.
create table approvals.responsibilities (
    employer_id text primary key references approvals.organisations,
    unit_id text not null references approvals.organisations
);

create table approvals.users (
    id text primary key,
    name text not null,
    organisation_id text not null references approvals.organisations,
    phone text,
    email text,
    fields text[] not null default '{}',
    language text not null default 'zh-CN',
    active boolean not null default true
);
create index users_organisation on approvals.users (organisation_id);

create table approvals.user_roles (
    user_id text not null references approvals.users,
    role text not null,
    organisation_id text not null references approvals.organisations,
    primary key (user_id, role, organisation_id)
);
create index user_roles_role on approvals.user_roles (role, organisation_id);

-- Whose holders step in for those of a role.
create table approvals.role_superiors (
    role text primary key,
    superior text not null
);

-- Who changed what when. Names of fields, never their values.
create table approvals.directory_changes (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    credential text not null,
    user_id text,
    subject text not null,
    subject_id text not null,
    change text not null,
    fields text[] not null default '{}'
);

-- The superiors of a role at an organisation, or at the nearest one above that has any.
create function approvals.superior_of(of_role text, at_organisation text) returns table (role text, organisation_id text)
language sql stable as $$
    with recursive above (id, parent_id, distance) as (
        select o.id, o.parent_id, 0 from approvals.organisations o where o.id = at_organisation
        union all
        select o.id, o.parent_id, a.distance + 1
        from above a join approvals.organisations o on o.id = a.parent_id where a.distance < 10)
    select r.role, r.organisation_id
    from approvals.role_superiors s
    join approvals.user_roles r on r.role = s.superior or r.role = s.role || '.superior'
    join approvals.users u on u.id = r.user_id and u.active
    join above a on a.id = r.organisation_id
    where s.role = of_role
    order by a.distance limit 1
$$;

-- id is the id of the workflow instance. No index on what decisions change, so that an update touches none.
create table approvals.cases (
    id uuid primary key,
    service text not null,
    number text,
    status text not null,
    phase smallint not null default 1,
    round smallint not null default 1,
    previous_id uuid,
    applicant_id text not null,
    employer_id text not null,
    unit_id text,
    bureau_id text,
    region text not null,
    filed_by text not null,
    created_at timestamptz not null,
    submitted_at timestamptz,
    ended_at timestamptz,
    end_reason text
) with (fillfactor = 80);
create unique index cases_number on approvals.cases (number) where number is not null;
create index cases_applicant on approvals.cases (applicant_id, id);
create index cases_employer on approvals.cases (employer_id, id);
create index cases_service on approvals.cases (service, id);

-- The last serial given for each service, region and year.
create table approvals.case_serials (
    service text not null,
    region text not null,
    year smallint not null,
    last integer not null,
    primary key (service, region, year)
) with (fillfactor = 10);

-- What people filled in: personal data, apart from all engine data.
create table approvals.case_data (
    case_id uuid not null,
    phase smallint not null,
    data jsonb not null,
    saved_at timestamptz not null,
    saved_by text not null,
    primary key (case_id, phase)
);

-- id is the id of the bookmark and begins as the case's does, so that the primary key finds the tasks of a case.
-- status: 0 open, 1 claimed, 2 done, 3 cancelled, 4 lapsed.
create table approvals.tasks (
    id uuid primary key,
    case_id uuid not null,
    opened_at timestamptz not null,
    due_at timestamptz,
    decided_at timestamptz,
    claimed_at timestamptz,
    status smallint not null default 0,
    phase smallint not null default 1,
    escalation smallint not null default 0,
    due_provisional boolean not null default false,
    opinion_required boolean not null default false,
    kind text not null,
    stage text not null,
    stage_name text not null,
    role text,
    organisation_id text,
    assignee text,
    claimed_by text,
    decided_by text,
    outcome text,
    reason text,
    due_rule text,
    calendar text,
    outcomes text[] not null default '{}',
    excluded text[] not null default '{}',
    opinion text
) with (fillfactor = 80);
create index tasks_open on approvals.tasks (organisation_id, role, id) where status < 2 and assignee is null;
create index tasks_mine on approvals.tasks (coalesce(assignee, claimed_by), id) where status < 2 and coalesce(assignee, claimed_by) is not null;
create index tasks_done on approvals.tasks (decided_by, decided_at, id) where decided_by is not null;

-- One row a step; seq is the version of the instance that the step led to.
create table approvals.audit (
    case_id uuid not null,
    seq bigint not null,
    at timestamptz not null,
    service_id text not null,
    user_id text,
    action text not null,
    stage text,
    from_status text,
    to_status text,
    definition_version_id text not null,
    details text,
    hash bytea not null,
    primary key (case_id, seq)
);

create function approvals.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger audit_append_only before update or delete on approvals.audit
    for each row execute function approvals.refuse_change();

-- What changed up to a transaction, under one signature.
create table approvals.audit_checkpoints (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    up_to xid8 not null,
    count integer not null,
    root bytea not null,
    previous bytea not null,
    signature bytea not null
);
create table approvals.audit_heads (
    checkpoint_id bigint not null references approvals.audit_checkpoints,
    case_id uuid not null,
    seq bigint not null,
    hash bytea not null,
    primary key (checkpoint_id, case_id)
);
create index audit_heads_case on approvals.audit_heads (case_id, checkpoint_id);

-- One row a recipient and channel. Texts only where they were captured instead of sent.
create table approvals.messages (
    id uuid not null,
    recipient text not null,
    channel text not null,
    case_id uuid not null,
    event text not null,
    state text not null,
    at timestamptz not null,
    provider_id text,
    error text,
    primary key (id, recipient, channel)
);
create index messages_case on approvals.messages (case_id, at);

-- The range of ids that the tasks of a case have: their first eight bytes are the case's but for the version digit, 8.
create function approvals.first_task(of_case uuid) returns uuid language sql immutable parallel safe as
$$ select (overlay(left(of_case::text, 18) placing '8' from 15 for 1) || '-0000-000000000000')::uuid $$;
create function approvals.last_task(of_case uuid) returns uuid language sql immutable parallel safe as
$$ select (overlay(left(of_case::text, 18) placing '8' from 15 for 1) || '-ffff-ffffffffffff')::uuid $$;
