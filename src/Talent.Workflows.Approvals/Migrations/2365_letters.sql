-- 文书: letters of cases, numbered and frozen (R-DOC-1). sha256: of the HTML. fields (what it was made of, as canonical JSON) and content (the
-- HTML) are sealed under the data key that key_id names. seq: the version of the case whose step decided to issue it; ordinal: tells the order of those
-- of one step. series: the number's rule.
create table approvals.letters (
    id uuid primary key,
    ordinal bigint generated always as identity,
    case_id uuid not null,
    seq bigint not null,
    kind text not null,
    event text,
    title_zh text not null,
    title_en text not null,
    number text not null,
    issuer_id text not null,
    issuer_zh text not null,
    issuer_en text not null,
    issued_at timestamptz not null,
    issued_by text,
    supersedes uuid references approvals.letters,
    sha256 text not null,
    key_id integer not null,
    fields bytea not null,
    content bytea not null
);
create unique index letters_number on approvals.letters (number, issuer_id);
create index letters_case on approvals.letters (case_id, issued_at, seq, ordinal);
-- A case is accepted once, however that came about.
create unique index letters_accepted on approvals.letters (case_id, kind) where event = 'case.accepted';
create unique index letters_supersedes on approvals.letters (supersedes) where supersedes is not null;
create index letters_key on approvals.letters (key_id);

-- The last serial given in each series of an issuing organisation and year: in the transaction that issues the letter, so that there are no gaps.
create table approvals.letter_serials (
    issuer_id text not null,
    series text not null,
    year smallint not null,
    last integer not null,
    primary key (issuer_id, series, year)
) with (fillfactor = 10);

-- What was issued stays as it was; it may only be sealed again under another data key, which changes nothing that it says.
create function approvals.refuse_letter_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.key_id = old.key_id
        or (new.id, new.ordinal, new.case_id, new.seq, new.kind, new.event, new.title_zh, new.title_en, new.number, new.issuer_id, new.issuer_zh, new.issuer_en, new.issued_at, new.issued_by, new.supersedes, new.sha256)
            is distinct from (old.id, old.ordinal, old.case_id, old.seq, old.kind, old.event, old.title_zh, old.title_en, old.number, old.issuer_id, old.issuer_zh, old.issuer_en, old.issued_at, old.issued_by, old.supersedes, old.sha256) then
        raise exception 'A letter that was issued is never changed' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger letters_frozen before update or delete on approvals.letters
    for each row execute function approvals.refuse_letter_change();
