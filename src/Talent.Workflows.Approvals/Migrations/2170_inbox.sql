-- In-app messages: what portals show their users.
create table approvals.inbox (
    id bigint generated always as identity primary key,
    message_id text not null constraint inbox_message unique,
    user_id text not null,
    case_id uuid,
    event text not null,
    title text not null,
    text text not null,
    at timestamptz not null,
    read_at timestamptz
);
create index inbox_user on approvals.inbox (user_id, id);
create index inbox_unread on approvals.inbox (user_id, id) where read_at is null;
create index inbox_case on approvals.inbox (case_id);
