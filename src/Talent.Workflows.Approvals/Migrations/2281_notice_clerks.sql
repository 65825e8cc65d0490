-- clerk_role: whose the objections are, at the notice's organisation or, where it names none, anywhere. Null: posted by a release before.
alter table approvals.notices add column clerk_role text;
update approvals.notices n set clerk_role = t.role
from approvals.objections o join approvals.tasks t on t.id = o.task_id where o.notice_id = n.id and n.organisation_id is null and t.role is not null;

-- Objections are read by pages, in the order in which they came.
create index objections_filed on approvals.objections (notice_id, filed_at, id);
drop index approvals.objections_notice;
