-- Personal columns that stood in clear are sealed under the data key that key_id names. The columns in clear stay until the release after
-- this one: what stands in them is newer than what is sealed, and is sealed in the background.

-- When sealing began: as soon as no node was left that reads the columns in clear alone. No row: not yet.
create table approvals.sealing (
    one boolean primary key default true check (one),
    begun_at timestamptz not null
);

alter table approvals.users add column phone_sealed bytea, add column email_sealed bytea, add column key_id integer;
create index users_clear on approvals.users (id) where phone is not null or email is not null;
create index users_key on approvals.users (key_id) where key_id is not null;

-- data: what isn't personal; sealed: the personal fields as one JSON object, null when none has a value; key_id null: all of it is in data.
-- No reference to data_keys: the step's statement would lock the key's row each time, and keys are never deleted.
alter table approvals.case_data add column sealed bytea, add column key_id integer;
create index case_data_clear on approvals.case_data (case_id) where key_id is null;
create index case_data_key on approvals.case_data (key_id) where key_id is not null;

-- sealed: name, phone, email and statement as one JSON object.
alter table approvals.objections add column sealed bytea, add column key_id integer, alter column statement drop not null;
create index objections_clear on approvals.objections (id) where key_id is null;
create index objections_key on approvals.objections (key_id) where key_id is not null;

-- content is sealed where key_id isn't null.
alter table approvals.objection_files add column key_id integer;
create index objection_files_clear on approvals.objection_files (id) where key_id is null;
create index objection_files_key on approvals.objection_files (key_id) where key_id is not null;
