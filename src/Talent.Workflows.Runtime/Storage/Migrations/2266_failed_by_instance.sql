-- What of an instance couldn't be delivered yet: asked whenever somebody wants to know why it is where it is.
create index outbox_failed_instance on engine.outbox_failed (instance_id);
