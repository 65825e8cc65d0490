-- Every save of a definition, the newest 200 of each. Kept when the definition is deleted.
create table engine.definition_revisions (
    definition_id text not null,
    revision integer not null,
    version_id text not null,
    version integer not null,
    document bytea not null,
    content_hash text not null,
    saved_at timestamptz not null,
    saved_by text not null,
    primary key (definition_id, revision)
);

-- What lists search and show.
alter table engine.definitions add column description text;
update engine.definitions set description = convert_from(document, 'UTF8')::json ->> 'description';

-- Deleted. The row stays: instances refer to it, and neither its id nor its number is given again.
alter table engine.definitions add column hidden boolean not null default false;
