-- Draws that two parties commit to, and the pools that draws were made from, exactly as they were read.

-- draw_parties: [{role, organisationId}], null when the server alone commits. attempt: goes up when a party doesn't reveal.
alter table approvals.panels add column attempt smallint not null default 1, add column draw_parties jsonb;

-- commitment: SHA-256 of the nonce, given before the pool is read; the nonce itself after its hash is recorded.
create table approvals.draw_pledges (
    panel_id uuid not null references approvals.panels,
    attempt smallint not null,
    party smallint not null,
    role text not null,
    organisation_id text,
    user_id text not null,
    commitment bytea not null check (length(commitment) = 32),
    committed_at timestamptz not null,
    nonce bytea,
    revealed_at timestamptz,
    primary key (panel_id, attempt, party),
    constraint draw_pledges_user unique (panel_id, attempt, user_id),
    constraint draw_pledges_commitment unique (panel_id, commitment),
    constraint draw_pledges_nonce check (nonce is null or sha256(nonce) = commitment)
);

-- purpose: draw-<attempt> (draw-0: the server alone committed), addition-<number>. hash: SHA-256 of the record's UTF-8 bytes.
create table approvals.panel_pools (
    panel_id uuid not null references approvals.panels,
    purpose text not null,
    hash text not null,
    record text not null,
    read_at timestamptz not null,
    primary key (panel_id, purpose)
);

-- An expert's term in the pool, both days included; null: unlimited.
alter table approvals.users add column expert_from date, add column expert_to date;
-- How often somebody has sat lately.
create index panels_opened on approvals.panels (opened_at);
