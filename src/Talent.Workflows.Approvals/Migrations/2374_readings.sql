-- 材料识别, 共享数据: what was read on a material of a case, or, without slot and material, what other offices know of its applicant (R-CASE-5). sealed: what the service said, what of it could go into the form, what went, and what it took the place of.
create table approvals.case_readings (
    id uuid primary key,
    case_id uuid not null,
    slot text,
    material_id uuid,
    kind text not null,
    rotation smallint not null check (rotation in (0, 90, 180, 270)),
    replaces boolean not null,
    state text not null default 'pending' check (state in ('pending', 'read', 'nothing', 'refused', 'cancelled', 'lapsed')),
    asked_seq bigint not null,
    asked_at timestamptz not null,
    asked_by text not null,
    ended_seq bigint,
    ended_at timestamptz,
    key_id integer references approvals.data_keys,
    sealed bytea,
    sha256 text,
    check ((state = 'pending') = (ended_at is null)),
    check ((sealed is null) = (key_id is null)),
    check ((slot is null) = (material_id is null))
);
create index case_readings_case on approvals.case_readings (case_id, asked_seq);
create index case_readings_key on approvals.case_readings (key_id);
