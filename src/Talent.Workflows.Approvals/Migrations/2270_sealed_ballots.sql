-- While voting is open a ballot is a ciphertext under a key that is kept outside the database. The count opens all ballots of a
-- round at once: into rows that name nobody, in random order, and the envelopes become empty.

-- round: ballots of a second round are others, under another key. receipts: hashes of the voters' receipts, sorted.
alter table approvals.panels add column round smallint not null default 1, add column receipts text[];
update approvals.panels set receipts = '{}' where result is not null;
-- A node of the release before can't read sealed ballots; a count of its own would leave them out.
alter table approvals.panels add constraint panels_counted check (result is null or receipts is not null);

-- id: the SHA-256 of the key says which file it is, and nothing of the key.
create table approvals.panel_keys (
    panel_id uuid not null references approvals.panels,
    round smallint not null,
    id text not null unique,
    made_at timestamptz not null,
    destroyed_at timestamptz,
    primary key (panel_id, round)
);

alter table approvals.ballots add column round smallint not null default 1, add column sealed bytea;
alter table approvals.ballots alter column sealed set storage external;
alter table approvals.ballots drop constraint ballots_check;
alter table approvals.ballots add constraint ballots_one_answer check (num_nonnulls(vote, recusal, sealed) <= 1);
alter table approvals.ballots drop constraint ballots_pkey;
alter table approvals.ballots add primary key (panel_id, round, expert_id);

create table approvals.panel_votes (
    id uuid primary key,
    panel_id uuid not null references approvals.panels,
    round smallint not null,
    vote text not null check (vote in ('pass', 'fail', 'abstain')),
    scores jsonb,
    comment text
);
create index panel_votes_panel on approvals.panel_votes (panel_id, round);

-- The only change of a ballot is that the count empties it.
create or replace function approvals.refuse_ballot_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and num_nonnulls(new.vote, new.sealed, new.scores, new.comment) = 0
        and (new.panel_id, new.round, new.expert_id, new.cast_at, new.recusal) is not distinct from (old.panel_id, old.round, old.expert_id, old.cast_at, old.recusal)
        and exists (select from approvals.panels p where p.id = old.panel_id and p.status >= 2) then
        return new;
    end if;
    raise exception 'A ballot is never changed' using errcode = 'restrict_violation';
end $$;

create function approvals.refuse_vote_change() returns trigger language plpgsql as $$
begin
    raise exception 'An opened vote is never changed' using errcode = 'restrict_violation';
end $$;
create trigger panel_votes_final before update or delete on approvals.panel_votes
    for each row execute function approvals.refuse_vote_change();

-- Votes of panels that are over lose their voters too.
insert into approvals.panel_votes (id, panel_id, round, vote, scores, comment)
select gen_random_uuid(), b.panel_id, 1, b.vote, b.scores, b.comment
from approvals.ballots b join approvals.panels p on p.id = b.panel_id where b.vote is not null and p.status = 3 order by random();
update approvals.ballots b set vote = null, scores = null, comment = null
from approvals.panels p where p.id = b.panel_id and p.status >= 3 and b.vote is not null;
