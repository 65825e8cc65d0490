-- Invitations that are answered, experts that are challenged, second rounds.

-- rounds: results of the rounds before the present one. blind: experts see neither who applies nor from where.
alter table approvals.panels add column rounds jsonb not null default '[]', add column blind boolean not null default false, add column chair_role text, add column supervisor_role text, add column minutes_number text;

create table approvals.panel_invitations (
    panel_id uuid not null references approvals.panels,
    expert_id text not null,
    answered_at timestamptz not null,
    accepted boolean not null,
    statement text not null,
    primary key (panel_id, expert_id)
);

-- Whoever is upheld against stays out of the panel. decided_by: its secretary.
create table approvals.panel_challenges (
    id uuid primary key,
    panel_id uuid not null references approvals.panels,
    task_id uuid not null,
    expert_id text not null,
    filed_by text not null,
    filed_at timestamptz not null,
    reason text not null,
    upheld boolean,
    decided_by text,
    decided_at timestamptz,
    opinion text
);
create index panel_challenges_panel on approvals.panel_challenges (panel_id);
