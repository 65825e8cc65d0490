-- 作废重投: a round whose key is lost, so that nobody can open its ballots. One of the panel's office asks, another confirms; the
-- round stays in the record of its panel.
create table approvals.panel_voids (
    id uuid primary key,
    panel_id uuid not null references approvals.panels,
    round smallint not null,
    reason text not null,
    asked_at timestamptz not null,
    asked_by text not null,
    confirmed_at timestamptz,
    confirmed_by text,
    constraint panel_voids_round unique (panel_id, round),
    constraint panel_voids_two check (confirmed_by <> asked_by)
);
