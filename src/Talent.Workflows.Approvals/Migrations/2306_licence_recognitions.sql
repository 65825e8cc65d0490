-- What was read on the licence of a case: a suggestion for whoever fills in the form, never part of a workflow's state.
create table approvals.licence_recognitions (
    case_id uuid primary key,
    material_id uuid,
    hash text,
    unit_name text,
    credit_code text,
    fault text check (fault in ('no_image', 'not_read', 'refused')),
    recognised_at timestamptz not null,
    check ((fault is null) = (unit_name is not null and credit_code is not null))
);
