-- When a turn was taken, by the database's clock: turns that no submission can meet any more are removed.
alter table approvals.filing_turns add column at timestamptz not null default now();
