-- What waits in an office until somebody takes it: in the order in which it is due, at last what has no limit; all that counting and listing need is in the index.
-- An index is read alone only when it has the column of its expression too.
-- A decision and a claim leave this index as they left the one before it.
create index tasks_pool on approvals.tasks (organisation_id, role, (coalesce(due_at, '9999-12-31T00:00:00Z'::timestamptz)), id) include (due_at, excluded) where status < 2 and assignee is null and claimed_by is null;
drop index approvals.tasks_waiting;
-- An index is read alone only where the table's pages are known to be visible to everybody, which vacuum notes.
alter table approvals.tasks set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05);
