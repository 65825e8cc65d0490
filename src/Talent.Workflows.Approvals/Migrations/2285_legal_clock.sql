-- What each pause stops, and by which document; a pause of the whole case belongs to no task.
alter table approvals.clock_pauses add column limits text[] not null default '{stage}';
alter table approvals.clock_pauses add column document text;
alter table approvals.clock_pauses add column reason text;
alter table approvals.clock_pauses alter column task_id drop not null;

-- The clock of a case whose service has a total limit or lets it count as accepted. next_at: when something of it falls due,
-- null while nothing can; behind: what has fallen due.
create table approvals.case_clocks (
    case_id uuid primary key,
    filed_at timestamptz not null,
    rule text,
    extended boolean not null default false,
    due_at timestamptz,
    provisional boolean not null default false,
    calendar text not null,
    stopped_by text,
    accept_by timestamptz,
    accepted_at timestamptz,
    next_at timestamptz,
    behind text[] not null default '{}',
    ended_at timestamptz
) with (fillfactor = 70);
create index case_clocks_next on approvals.case_clocks (next_at) where next_at is not null;

-- 黄牌、红牌: facts, each entered once. at: the instant of the entry.
create table approvals.marks (
    id uuid primary key,
    case_id uuid not null,
    limit_kind text not null,
    colour text not null,
    at timestamptz not null,
    due_at timestamptz not null,
    task_id uuid,
    stage text,
    stage_name text
);
create index marks_case on approvals.marks (case_id, at);

-- 延期: who asked for it and why, who granted it. status: 0 asked, 1 granted, 2 refused.
create table approvals.extensions (
    id uuid primary key,
    case_id uuid not null,
    limit_kind text not null,
    stage text not null default '',
    task_id uuid not null,
    status smallint not null default 0,
    asked_at timestamptz not null,
    asked_by text not null,
    role text,
    organisation_id text,
    reason text not null,
    document text,
    decided_at timestamptz,
    decided_by text,
    opinion text
);
create unique index extensions_once on approvals.extensions (case_id, limit_kind, stage) where status < 2;

-- A deadline that was computed again and moved. cause: calendar, extension.
create table approvals.deadline_changes (
    id uuid primary key,
    case_id uuid not null,
    limit_kind text not null,
    task_id uuid,
    stage text,
    cause text not null,
    at timestamptz not null,
    old_due timestamptz not null,
    new_due timestamptz not null,
    provisional boolean not null,
    calendar text not null
);
create index deadline_changes_case on approvals.deadline_changes (case_id, at);

-- The calendars that this installation has counted by, in the order in which they came; the last one counts.
create table approvals.calendars (
    seq bigint generated always as identity primary key,
    version text not null unique,
    registered_at timestamptz not null
);

-- Which case was revised by which calendar, last when: what opens later under an earlier one is found again.
create table approvals.calendar_revisions (
    case_id uuid not null,
    calendar text not null,
    at timestamptz not null,
    primary key (case_id, calendar)
);
