-- The keys that personal columns are sealed with, each wrapped with the master key, which is outside the database. The highest is the
-- one in use; number 0 is the key of the blind indexes. master: which master key, in a form that says nothing of it.
create table approvals.data_keys (
    id integer primary key,
    purpose text not null check (purpose in ('values', 'index')),
    wrapped bytea not null,
    master text not null,
    made_at timestamptz not null,
    check ((purpose = 'index') = (id = 0))
);
