-- 报送名单: cases that a district has approved go to the city together (R-REV-10). A list is a draft until it is sealed.
-- content: what was sent, as canonical JSON, with personal data; checksum is its SHA-256.
create table approvals.submissions (
    id uuid primary key,
    version integer not null default 1,
    service text not null,
    organisation_id text not null,
    role text not null,
    title text not null,
    created_at timestamptz not null,
    created_by text not null,
    sealed_at timestamptz,
    sealed_by text,
    number text,
    checksum text,
    content text,
    check (num_nonnulls(sealed_at, sealed_by, number, checksum, content) in (0, 5))
);
create unique index submissions_number on approvals.submissions (number);
create index submissions_office on approvals.submissions (organisation_id, role, created_at desc, id);

-- The last number given to a list of each service, region and year: in the transaction that seals it, so that there are no gaps.
create table approvals.submission_serials (
    service text not null,
    region text not null,
    year smallint not null,
    last integer not null,
    primary key (service, region, year)
) with (fillfactor = 10);

-- 批复: what the city decided by. One may settle a list in several goes.
create table approvals.submission_documents (
    id uuid primary key,
    submission_id uuid not null references approvals.submissions,
    number text not null,
    dated date not null,
    recorded_at timestamptz not null,
    recorded_by text not null,
    constraint submission_documents_number unique (submission_id, number)
);

-- One row for each time that a case waits to be sent to the city; id is the id of the bookmark that goes on with it, task_id
-- the task that is open for it. carried: how much of it its workflow knows, 1 that the list was sealed, 2 what was decided.
create table approvals.submission_cases (
    id uuid primary key,
    case_id uuid not null,
    opened_at timestamptz not null,
    task_id uuid not null,
    service text not null,
    stage text not null,
    organisation_id text not null,
    role text not null,
    title text not null,
    columns jsonb not null,
    state text not null default 'waiting' check (state in ('waiting', 'listed', 'approved', 'rejected', 'returned', 'cancelled')),
    carried smallint not null default 0,
    submission_id uuid references approvals.submissions,
    place integer,
    document_id uuid references approvals.submission_documents,
    decided_at timestamptz,
    decided_by text,
    reason text,
    check (case state when 'waiting' then submission_id is null when 'listed' then submission_id is not null
        when 'approved' then document_id is not null when 'rejected' then document_id is not null else true end)
) with (fillfactor = 70);
-- Nobody is on two lists at once, also where a flow sends a case to two offices.
create unique index submission_cases_listed on approvals.submission_cases (case_id) where state = 'listed';
create index submission_cases_case on approvals.submission_cases (case_id);
create index submission_cases_waiting on approvals.submission_cases (organisation_id, role, opened_at, id) where state = 'waiting';
create index submission_cases_submission on approvals.submission_cases (submission_id, place) where submission_id is not null;

-- What was sent and what was decided stays as it was.
create function approvals.refuse_submission_change() returns trigger language plpgsql as $$
begin
    if old.sealed_at is not null and (tg_op = 'DELETE' or (new.sealed_at, new.sealed_by, new.number, new.checksum, new.content, new.service, new.organisation_id, new.role, new.title)
        is distinct from (old.sealed_at, old.sealed_by, old.number, old.checksum, old.content, old.service, old.organisation_id, old.role, old.title)) then
        raise exception 'A sealed list is never changed' using errcode = 'restrict_violation';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger submissions_sealed before update or delete on approvals.submissions
    for each row execute function approvals.refuse_submission_change();

create function approvals.refuse_submitted_case_change() returns trigger language plpgsql as $$
begin
    if old.state in ('approved', 'rejected', 'returned') and (new.state, new.submission_id, new.document_id, new.decided_at, new.decided_by, new.reason)
        is distinct from (old.state, case when old.state = 'returned' then new.submission_id else old.submission_id end, old.document_id, old.decided_at, old.decided_by, old.reason) then
        raise exception 'What became of a submitted case is never changed' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger submission_cases_final before update on approvals.submission_cases
    for each row execute function approvals.refuse_submitted_case_change();

-- Who changed a list, and how. Ids, numbers and hashes only.
create table approvals.submission_changes (
    id bigint generated always as identity primary key,
    submission_id uuid not null references approvals.submissions,
    at timestamptz not null,
    credential text not null,
    user_id text not null,
    action text not null,
    details jsonb not null
);
create index submission_changes_submission on approvals.submission_changes (submission_id, id);
create trigger submission_changes_append_only before update or delete on approvals.submission_changes
    for each row execute function approvals.refuse_change();
