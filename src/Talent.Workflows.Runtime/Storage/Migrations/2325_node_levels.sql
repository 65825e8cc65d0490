-- What a node understands of rows that others write: a release raises it whose rows the one before can't read. 0: of a release that says nothing.
alter table engine.nodes add column level smallint not null default 0;
