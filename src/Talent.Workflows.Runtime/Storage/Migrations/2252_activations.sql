-- Running instances whose definition may not be started beside them: what the published version's strategy keeps apart is their
-- key. Written by the step that starts such an instance, removed by the one that ends it; other instances have no row.
-- beside: of the instances that a start let in there is one a key (the nil id), and so one of several starts at the same instant.
-- What held the key otherwise (it ran already when the strategy was published, or changed its correlation id) is beside it.
create table engine.activations (
    instance_id uuid primary key,
    key bytea not null,
    beside uuid not null,
    constraint activations_key unique (key, beside)
);

-- The only place that says what a key is. Hashed, because an index takes texts of some length only.
create function engine.activation_key(kind text, definition text, correlation text) returns bytea language sql stable as $$
    select sha256(convert_to(kind || coalesce(E'\n' || definition, '') || coalesce(E'\n' || correlation, ''), 'UTF8'))
$$;

-- What runs already of definitions that name a strategy. That of Correlation is found in engine.instances.
insert into engine.activations (instance_id, key, beside)
select i.id, case s.name when 'SingletonStrategy' then engine.activation_key('singleton', i.definition_id, null)
    else engine.activation_key('correlated', i.definition_id, i.correlation_id) end, i.id
from engine.definitions d
cross join lateral (select substring(split_part(convert_from(d.document, 'UTF8')::json -> 'options' ->> 'activationStrategyType', ',', 1) from '(\w+)\s*$') as name) s
join engine.instances i on i.definition_id = d.definition_id and i.status = 0
where d.is_published and s.name in ('SingletonStrategy', 'CorrelatedSingletonStrategy');
