-- 停表: the time that a review's limit doesn't run, with its ground, who stopped it and by which task. Open while resumed_at is null.
create table approvals.clock_pauses (
    id uuid primary key,
    case_id uuid not null,
    task_id uuid not null,
    stage text not null,
    ground text not null,
    paused_at timestamptz not null,
    paused_by text,
    resumed_at timestamptz,
    resumed_task uuid
);
create index clock_pauses_case on approvals.clock_pauses (case_id, paused_at);
