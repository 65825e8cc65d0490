-- Public notices: what was shown, masked, with its hash; and what people say against it.
create table approvals.notices (
    id uuid primary key,
    case_id uuid not null,
    opened_at timestamptz not null,
    closes_at timestamptz not null,
    ended_at timestamptz,
    ending text check (ending in ('concluded', 'upheld', 'cancelled')),
    stage text not null,
    organisation_id text,
    number text not null,
    content_hash text not null,
    notice jsonb not null
);
create unique index notices_number on approvals.notices (number);
create index notices_case on approvals.notices (case_id);
create index notices_open on approvals.notices (closes_at, id) where ended_at is null;

-- id is chosen when it is filed; task_id decides it. Personal data of the objector: for the notice clerk alone.
create table approvals.objections (
    id uuid primary key,
    notice_id uuid not null references approvals.notices,
    case_id uuid not null,
    task_id uuid not null,
    filed_at timestamptz not null,
    number text not null,
    name text,
    phone text,
    email text,
    statement text not null
);
create index objections_notice on approvals.objections (notice_id);
create unique index objections_task on approvals.objections (task_id);

-- Serials by series and year, such as those of the bureau's notices.
create table approvals.notice_serials (
    series text not null,
    year smallint not null,
    last integer not null,
    primary key (series, year)
) with (fillfactor = 10);

-- The number that a notice was given, before it is shown: a repeated posting gets the same.
create table approvals.notice_numbers (
    notice_id uuid primary key,
    number text not null
);

-- How often somebody tried, by a hash of notice and address (machine clock).
create table approvals.objection_attempts (
    key bytea not null,
    day date not null,
    count integer not null,
    primary key (key, day)
) with (fillfactor = 50);
