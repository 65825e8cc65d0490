-- How many instances there are up to every thousandth one, of all definitions (definition_id '') and of each. Written
-- behind the steps, never by them; pages and totals of long lists start from the nearest mark.
create table engine.instance_marks (
    definition_id text not null,
    upto uuid not null,
    counted bigint not null,
    primary key (definition_id, upto)
);
create index instance_marks_counted on engine.instance_marks (definition_id, counted);
