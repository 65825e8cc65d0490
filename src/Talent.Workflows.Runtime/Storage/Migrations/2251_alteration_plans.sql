-- Changes by hand in many instances: what was ordered and by whom, and what became of it in each instance. What is left to
-- do is in the outbox, a message a job; its id is the job's. status: 0 pending, 1 running, 2 completed, 3 failed.
create table engine.alteration_plans (
    id text primary key,
    alterations bytea not null,
    filter bytea not null,
    credential text not null,
    acting_user text,
    created_at timestamptz not null
);
create index alteration_plans_at on engine.alteration_plans (created_at);

create table engine.alteration_jobs (
    id uuid primary key,
    plan_id text not null references engine.alteration_plans on delete cascade,
    instance_id uuid not null,
    status smallint not null default 0,
    message text,
    started_at timestamptz,
    completed_at timestamptz
);
create index alteration_jobs_plan on engine.alteration_jobs (plan_id, id);
