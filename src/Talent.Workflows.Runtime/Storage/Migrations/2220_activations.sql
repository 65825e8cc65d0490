-- Instances whose definitions may not be started beside them. key: what no second running instance may have; the primary
-- key lets one of two starts at the same instant through. The row goes with the step that finishes the instance.
create table engine.activations (
    key text primary key,
    instance_id uuid not null
);
create index activations_instance on engine.activations (instance_id);
