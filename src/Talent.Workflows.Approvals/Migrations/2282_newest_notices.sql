-- The feed shows what was posted last.
create index notices_newest on approvals.notices (opened_at desc, id desc) where ended_at is null;
