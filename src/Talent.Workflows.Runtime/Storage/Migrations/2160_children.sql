-- Children that have ended, while the bookmark that waits for all of them still waits for others: one row a child, so that
-- the parent is resumed once instead of by each. place: the order in which they were started.
create table engine.children (
    bookmark_id uuid not null,
    child_id uuid not null,
    place integer not null,
    sub_status smallint not null,
    output bytea,
    at timestamptz not null,
    primary key (bookmark_id, child_id)
);
