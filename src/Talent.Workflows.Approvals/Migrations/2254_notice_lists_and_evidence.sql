-- 名单: notices of one list are shown on one page. Each keeps its own case, window and objections.
alter table approvals.notices add column list_id uuid, add column list_name text;
create index notices_list on approvals.notices (list_id, opened_at) where list_id is not null;

-- receipt: a secret by which whoever objected sees what became of it. accepted_at: 受理, after which another task decides it.
alter table approvals.objections add column receipt text, add column accepted_at timestamptz;
create unique index objections_receipt on approvals.objections (receipt);

-- What proves an objection: personal data, for the clerks who handle it alone. kind is what the bytes are, whatever they were called.
create table approvals.objection_files (
    id uuid primary key,
    objection_id uuid not null references approvals.objections,
    place integer not null,
    kind text not null check (kind in ('pdf', 'jpg', 'png')),
    sha256 text not null,
    content bytea not null,
    unique (objection_id, place)
);
-- Pictures and PDFs are compressed already.
alter table approvals.objection_files alter column content set storage external;
