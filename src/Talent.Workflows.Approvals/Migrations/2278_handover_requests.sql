-- 离职转办: what a request with an idempotency key set out to do, so that the same request again finishes just that.
create table approvals.handover_requests (
    id uuid primary key,
    request_hash bytea not null,
    user_id text not null,
    at timestamptz not null,
    delegations_ended integer not null,
    tasks uuid[] not null,
    cases uuid[] not null
);
