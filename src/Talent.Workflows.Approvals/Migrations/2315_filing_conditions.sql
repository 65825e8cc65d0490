-- Who may file what when: what administrators decide beside what services say of themselves. Rows change, their changes are kept.

-- 年度/批次: from opens_at until closes_at, exclusive. from_file: a file says so, and nobody has changed it since.
create table approvals.filing_rounds (
    id text primary key,
    series text not null,
    version bigint not null,
    year smallint not null,
    name_zh text not null,
    name_en text not null,
    opens_at timestamptz not null,
    closes_at timestamptz not null,
    cancelled boolean not null,
    from_file boolean not null,
    check (opens_at < closes_at)
);
create index filing_rounds_series on approvals.filing_rounds (series, closes_at) where not cancelled;

-- 限制申报: a person or an employer files nothing, or none of these services, by a document. until_at, exclusive; null: for good.
create table approvals.filing_bars (
    id uuid primary key,
    version bigint not null,
    user_id text references approvals.users,
    employer_id text references approvals.organisations,
    services text[],
    from_at timestamptz not null,
    until_at timestamptz,
    document_number text not null,
    document_title text not null,
    lifted boolean not null,
    check ((user_id is null) <> (employer_id is null)),
    check (until_at is null or from_at < until_at)
);
create index filing_bars_user on approvals.filing_bars (user_id) where not lifted;
create index filing_bars_employer on approvals.filing_bars (employer_id) where not lifted;

-- 暂停申报: nobody files for the service, whatever it says of itself.
create table approvals.service_closures (
    service text primary key,
    version bigint not null,
    closed boolean not null,
    zh text not null,
    en text not null,
    until_at timestamptz
);

-- Submissions of services that exclude others, counted by whom they are about: of two at one instant the second finds its turn taken.
create table approvals.filing_turns (
    subject text not null,
    turn integer not null,
    case_id uuid not null,
    primary key (subject, turn)
);

-- Who changed what when and why, each with what it was from then on.
create table approvals.catalogue_changes (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    credential text not null,
    user_id text,
    subject text not null check (subject in ('round', 'bar', 'closure', 'document')),
    subject_id text not null,
    version bigint not null,
    reason text not null,
    content jsonb not null,
    unique (subject, subject_id, version)
);
