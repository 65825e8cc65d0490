-- What a list said is sealed under the data key that key_id names; content is what the release before wrote. Its checksum stays.
alter table approvals.submissions add column content_sealed bytea, add column key_id integer;
alter table approvals.submissions drop constraint submissions_check;
alter table approvals.submissions add constraint submissions_whole check (num_nonnulls(sealed_at, sealed_by, number, checksum, content, content_sealed) in (0, 5) and num_nulls(content, content_sealed) > 0);
create index submissions_clear on approvals.submissions (id) where content is not null;
create index submissions_key on approvals.submissions (key_id) where key_id is not null;

-- What was sent stays as it was, whatever it is sealed with: who reads it compares it with the checksum, which is never changed.
create or replace function approvals.refuse_submission_change() returns trigger language plpgsql as $$
begin
    if old.sealed_at is not null and (tg_op = 'DELETE' or (new.sealed_at, new.sealed_by, new.number, new.checksum, new.service, new.organisation_id, new.role, new.title)
        is distinct from (old.sealed_at, old.sealed_by, old.number, old.checksum, old.service, old.organisation_id, old.role, old.title)
        or new.content is distinct from old.content and (new.content is not null or new.content_sealed is null)
        or new.content_sealed is distinct from old.content_sealed and new.key_id is not distinct from old.key_id) then
        raise exception 'A sealed list is never changed' using errcode = 'restrict_violation';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end $$;
