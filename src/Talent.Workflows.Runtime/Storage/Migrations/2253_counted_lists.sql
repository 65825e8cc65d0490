-- Long lists of instances know their totals and find any page from what is counted behind the steps, in one snapshot, and from
-- what steps have changed since, which the journal tells. engine.instance_marks stays for nodes of the release before.
create index instances_ended on engine.instances (finished_at, id) where status = 1;
create index instances_definition_finished on engine.instances (definition_id, id) where status = 1;
create index instances_name on engine.instances (name, id);

create table engine.list_snapshot (
    id smallint primary key default 1 check (id = 1),
    taken pg_snapshot not null,
    at timestamptz not null,
    took interval not null
);

-- Every so many-th instance of a list, and how many there are up to it.
create table engine.list_marks (
    list text not null,
    place integer not null,
    at timestamptz,
    name text,
    id uuid not null,
    counted bigint not null,
    primary key (list, place)
);

-- How many there are of each kind.
create table engine.list_counts (
    definition_id text not null,
    definition_version_id text not null,
    status smallint not null,
    sub_status smallint not null,
    incidents integer not null,
    counted bigint not null
);

-- What runs, in the order of the last execution: no index could keep that, because each step changes it.
create table engine.list_blocks (
    block integer primary key,
    at timestamptz not null,
    id uuid not null,
    ats timestamptz[] not null,
    ids uuid[] not null
);
alter table engine.list_blocks alter column ats set storage external, alter column ids set storage external;
