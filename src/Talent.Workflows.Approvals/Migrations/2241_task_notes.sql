-- What an administrator should know of a task, as a code: no_superior, it should have been reassigned and nobody is above its role.
alter table approvals.tasks add column note text;
