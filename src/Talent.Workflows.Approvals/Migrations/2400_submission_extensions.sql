-- A submission has two limits, until its list is sealed and from then on for the city's decision: each can be extended once.
alter table approvals.extensions add column for_decision boolean not null default false;
drop index approvals.extensions_once;
create unique index extensions_once on approvals.extensions (case_id, limit_kind, stage, for_decision) where status < 2;
