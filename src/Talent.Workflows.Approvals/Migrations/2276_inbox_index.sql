-- What an inbox counts stands in the index, so that counting reads no rows: the due time, who claimed it, who may not act on it.
-- A decision leaves this index (status) as it left the one before it.
create index tasks_waiting on approvals.tasks (organisation_id, role, id) include (due_at, claimed_by, excluded) where status < 2 and assignee is null;
drop index approvals.tasks_open;
