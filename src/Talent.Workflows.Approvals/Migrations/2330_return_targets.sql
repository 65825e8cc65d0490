-- Where the reviewer may return the case to, besides the connection: [{to, zh, en, then}]; null: nowhere else.
alter table approvals.tasks add column return_to jsonb;
