-- Where the values of a case's form came from: by path of the form, such as companions[0].memberName. No values.
-- hand_in 0: as it is now; another: as it was when that hand-in was made. sha256: of the text as it was written.
create table approvals.case_sources (
    case_id uuid not null,
    hand_in smallint not null,
    seq bigint not null,
    sources jsonb not null,
    sha256 text not null,
    primary key (case_id, hand_in)
);
