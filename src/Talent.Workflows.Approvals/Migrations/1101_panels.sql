-- Expert panels: the draw with its evidence, and ballots that nobody reads before the panel is closed.

-- Kinship and co-authorship, declared by either side.
create table approvals.expert_relations (
    declared_by text not null references approvals.users,
    other_id text not null,
    kind text not null check (kind in ('kin', 'co_author')),
    primary key (declared_by, other_id, kind)
);

-- status: 0 drawing, 1 open, 2 counting, 3 closed, 4 cancelled. nonce: chosen when the panel is opened, before the pool is
-- read, so that nobody can choose a draw by trying seeds. revision: goes up with every change of the draw.
create table approvals.panels (
    id uuid primary key,
    case_id uuid not null,
    opened_at timestamptz not null,
    due_at timestamptz,
    closed_at timestamptz,
    visit integer not null,
    revision integer not null default 0,
    status smallint not null default 0,
    stage text not null,
    stage_name text not null,
    secretary_role text not null,
    organisation_id text,
    closed_by text,
    nonce bytea not null,
    rules jsonb not null,
    count_rule jsonb not null,
    draw jsonb,
    result jsonb,
    minutes text
);
create index panels_case on approvals.panels (case_id);

-- One answer an expert and panel: a vote, or a recusal with its reason.
create table approvals.ballots (
    panel_id uuid not null references approvals.panels,
    expert_id text not null,
    cast_at timestamptz not null,
    vote text check (vote in ('pass', 'fail', 'abstain')),
    recusal text,
    scores jsonb,
    comment text,
    primary key (panel_id, expert_id),
    check ((vote is null) <> (recusal is null))
);

create function approvals.refuse_ballot_change() returns trigger language plpgsql as $$
begin
    raise exception 'A ballot is never changed' using errcode = 'restrict_violation';
end $$;
create trigger ballots_final before update or delete on approvals.ballots
    for each row execute function approvals.refuse_ballot_change();
