-- What a case carries with it besides its form: materials of the libraries, the applicant's profile, and what was confirmed.

-- A material in a case, under one item of the service's list (slot). The content is referred to by its hash, so that what becomes of the
-- library doesn't matter to the case. added_seq and removed_seq are versions of the instance: what was in the case at any version stays told.
-- removed_by null: taken out by itself, because nothing in the case asked for it any more.
create table approvals.case_materials (
    case_id uuid not null,
    slot text not null,
    material_id uuid not null,
    added_seq bigint not null,
    hash text not null references approvals.material_contents,
    name text not null,
    owner_kind text not null check (owner_kind in ('person', 'employer')),
    owner_id text not null,
    rotation smallint not null,
    carried boolean not null,
    added_at timestamptz not null,
    added_by text not null,
    removed_seq bigint,
    removed_at timestamptz,
    removed_by text,
    primary key (case_id, slot, material_id, added_seq)
);
create unique index case_materials_once on approvals.case_materials (case_id, slot, material_id) where removed_seq is null;
create index case_materials_hash on approvals.case_materials (hash);

-- One row for each time that the applicant handed in: which version of the case that was, and the digest of its materials.
create table approvals.case_handins (
    case_id uuid not null,
    number smallint not null,
    seq bigint not null,
    phase smallint not null,
    at timestamptz not null,
    by_user text not null,
    materials integer not null,
    sha256 text not null,
    primary key (case_id, number)
);

-- The applicant's profile as it was confirmed or handed in, sealed; the last one is the case's. sha256: of its canonical JSON.
create table approvals.case_profiles (
    id uuid primary key,
    case_id uuid not null,
    seq bigint not null,
    person_id uuid not null,
    person_version bigint not null,
    key_id integer not null references approvals.data_keys,
    sealed bytea not null,
    sha256 text not null,
    taken_at timestamptz not null,
    taken_by text not null
);
create unique index case_profiles_case on approvals.case_profiles (case_id, seq desc);
create index case_profiles_key on approvals.case_profiles (key_id);

-- What somebody confirmed for a case, such as that nothing in it is classified, and the digest of the text that they confirmed.
create table approvals.case_confirmations (
    case_id uuid not null,
    confirmation text not null,
    text_sha256 text not null,
    seq bigint not null,
    at timestamptz not null,
    by_user text not null,
    primary key (case_id, confirmation)
);

-- Which case a material was fetched from.
alter table approvals.material_reads add column case_id uuid;
create index material_reads_case on approvals.material_reads (case_id, at) where case_id is not null;
