-- Deep pages of finished instances, and of those created in a span of time: the index alone finds the page. Neither holds
-- a value that a step of a waiting instance changes.
create index instances_finished on engine.instances (id) where status = 1;
create index instances_created on engine.instances (created_at, id);
