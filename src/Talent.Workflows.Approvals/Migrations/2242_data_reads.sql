-- Who read whose data in full, and why (R-AUD-2): ids and names of fields, no values. Not for people's own cases.
create table approvals.data_reads (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    case_id uuid not null,
    credential text not null,
    user_id text,
    fields text[] not null,
    purpose text not null,
    reason text
);
create index data_reads_case on approvals.data_reads (case_id, at);
create index data_reads_user on approvals.data_reads (user_id, at);
create trigger data_reads_append_only before update on approvals.data_reads
    for each row execute function approvals.refuse_change();
