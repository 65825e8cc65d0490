-- A round that was voided is opened by nobody: its envelopes are emptied with it, so that a key that turns up again opens nothing.

-- A ballot changes in one way only: it is emptied, by the count, or when its round is voided and another has begun.
create or replace function approvals.refuse_ballot_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and num_nonnulls(new.vote, new.sealed, new.scores, new.comment) = 0
        and (new.panel_id, new.round, new.expert_id, new.cast_at, new.recusal) is not distinct from (old.panel_id, old.round, old.expert_id, old.cast_at, old.recusal)
        and exists (select from approvals.panels p where p.id = old.panel_id and (p.status >= 2 or old.round < p.round)) then
        return new;
    end if;
    raise exception 'A ballot is never changed' using errcode = 'restrict_violation';
end $$;

update approvals.ballots b set sealed = null from approvals.panels p where p.id = b.panel_id and b.round < p.round and b.sealed is not null;
