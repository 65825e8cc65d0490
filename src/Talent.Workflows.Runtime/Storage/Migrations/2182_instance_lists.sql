-- For lists of very many instances. A step of a waiting instance changes none of these values, so its update still stays in
-- its page; only the step that ends an instance writes entries anew.
create index instances_running on engine.instances (id) where status = 0;
create index instances_cancelled on engine.instances (id) where sub_status = 4;

-- Parts of names and correlation ids. Where the extension can't be had, such searches read all instances.
do $$
begin
    create extension if not exists pg_trgm;
    create index instances_name_parts on engine.instances using gin (name gin_trgm_ops) where name is not null;
    create index instances_correlation_parts on engine.instances using gin (correlation_id gin_trgm_ops) where correlation_id is not null;
exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise warning 'pg_trgm is not available: searching instances by a part of their name will be slow (%)', sqlerrm;
end
$$;
