-- Messages that Development keeps instead of sending them. Empty everywhere else.
create schema development;

create table development.messages (
    seq bigint generated always as identity primary key,
    id text not null constraint messages_id unique,
    at timestamptz not null,
    channel text not null,
    recipient text not null,
    subject text not null,
    text text not null,
    template_code text
);
