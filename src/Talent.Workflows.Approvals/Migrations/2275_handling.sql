-- What people do with tasks besides deciding them.

-- 委托: who may decide for whom. Null services or roles: all. Parties, scope and period never change; revoking ends it.
create table approvals.delegations (
    id uuid primary key,
    principal text not null references approvals.users,
    delegate text not null references approvals.users,
    services text[],
    roles text[],
    from_at timestamptz not null,
    until_at timestamptz not null,
    reason text,
    created_at timestamptz not null,
    created_by text not null,
    revoked_at timestamptz,
    revoked_by text,
    check (principal <> delegate and from_at < until_at)
);
create index delegations_delegate on approvals.delegations (delegate, until_at) where revoked_at is null;
create index delegations_principal on approvals.delegations (principal, until_at) where revoked_at is null;

-- Whose right a decision used, and through which delegations, the decider's own first. No column of the task: a decision of one's own writes nothing here.
create table approvals.decisions_for (
    task_id uuid primary key,
    case_id uuid not null,
    decided_by text not null,
    principal text not null,
    chain uuid[] not null,
    decided_at timestamptz not null
);

-- 转办, 离职转办: why a task has another handler.
create table approvals.transfers (
    id uuid primary key,
    case_id uuid not null,
    task_id uuid not null,
    from_user text not null,
    to_user text not null,
    by_user text,
    reason text not null,
    at timestamptz not null
);
create index transfers_task on approvals.transfers (task_id, at);

-- 离职转办: who has left, and to whom their work went. Ended when they are back.
create table approvals.handovers (
    user_id text primary key references approvals.users,
    to_user text not null references approvals.users,
    reason text not null,
    at timestamptz not null,
    by_credential text not null,
    by_user text
);

-- 跳转: asked by one administrator, settled by another. state: 0 asked, 1 carried out, 2 refused.
-- waiting: what the case waited for when it was asked; leaving: the activities that are given up.
create table approvals.jumps (
    id uuid primary key,
    case_id uuid not null,
    stage text not null,
    reason text not null,
    waiting uuid[] not null,
    leaving text[] not null,
    asked_at timestamptz not null,
    asked_by text not null,
    expires_at timestamptz not null,
    state smallint not null default 0,
    settled_at timestamptz,
    settled_by text,
    answer text
);
create index jumps_case on approvals.jumps (case_id, asked_at);

-- 催办, one row for each task that was urged.
create table approvals.urges (
    case_id uuid not null,
    task_id uuid not null,
    at timestamptz not null,
    by_user text not null
);
create index urges_case on approvals.urges (case_id, at);

-- 抄送 with its read mark 已阅, one row a reader.
create table approvals.copies (
    task_id uuid not null,
    user_id text not null,
    case_id uuid not null,
    by_user text,
    note text,
    at timestamptz not null,
    read_at timestamptz,
    primary key (task_id, user_id)
);
create index copies_user on approvals.copies (user_id, at, task_id);
create index copies_unread on approvals.copies (user_id) where read_at is null;
create index copies_case on approvals.copies (case_id, user_id);

-- 沟通 between those who deal with a case.
create table approvals.comments (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    case_id uuid not null,
    at timestamptz not null,
    by_user text not null,
    for_applicant boolean not null default false,
    text text not null
);
create index comments_case on approvals.comments (case_id, seq);

-- 常用意见 that people keep for themselves.
create table approvals.opinions (
    id uuid primary key,
    user_id text not null references approvals.users,
    outcome text,
    text text not null,
    created_at timestamptz not null
);
create index opinions_user on approvals.opinions (user_id, created_at);
