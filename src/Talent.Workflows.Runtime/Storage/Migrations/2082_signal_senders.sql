-- Whose signal it was (its credential) and a keyed hash of its payload: a repetition is known from another signal of the same id.
-- Null: noted by a release that kept neither; such a row matches whoever repeats it.
alter table engine.signals add column sender text, add column payload_hash bytea;
