-- 重新出具: which letter was ordered again, as which, by whom and why. A letter is replaced once; the one that replaces it is there when its number is given.
create table approvals.letter_reissues (
    letter_id uuid primary key,
    case_id uuid not null,
    new_id uuid not null unique,
    asked_at timestamptz not null,
    asked_by text not null,
    reason text not null
);
create index letter_reissues_case on approvals.letter_reissues (case_id);
