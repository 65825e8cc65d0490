-- 关联单位 and 解除关联 (S6): codes of employers, what is known of an employment, and who may ask.

-- 关联代码: one for each employer, replaced at once. request: of the request that made it, so that a repeated one makes no other.
create table approvals.association_codes (
    employer_id text primary key references approvals.organisations,
    code text not null unique,
    made_at timestamptz not null,
    made_by text,
    request uuid
);

-- The code that a request was begun with: it must still be the employer's when the request is handed in.
create table approvals.association_requests (
    case_id uuid primary key,
    code text not null
);

-- filings: cases handed in under it. Whoever ends it, while somebody files, sees by this that somebody did.
alter table approvals.associations
    add column department text,
    add column left_on date,
    add column version bigint not null default 1,
    add column filings bigint not null default 0;
create index associations_employed on approvals.associations (employer_id, began_at desc, id desc) where ended_at is null;
create index associations_left on approvals.associations (employer_id, ended_at desc, id desc) where ended_at is not null;

-- One open request a person, and what waits at an employer.
create unique index cases_association on approvals.cases (applicant_id) where service = 'association' and submitted_at is not null and ended_at is null;
create index cases_association_waiting on approvals.cases (employer_id, submitted_at desc, id desc) where service = 'association' and submitted_at is not null and ended_at is null;

-- What whoever decided a task filled in: the data of the reviewing side, apart from what was filed.
create table approvals.decision_data (
    task_id uuid primary key,
    case_id uuid not null,
    stage text not null,
    outcome text not null,
    data jsonb not null,
    saved_at timestamptz not null,
    saved_by text not null
);
create index decision_data_case on approvals.decision_data (case_id, saved_at);
