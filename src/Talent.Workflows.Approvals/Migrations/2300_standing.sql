-- What employers and people are entitled to, as cases or the directory decided it. Who may file what is read from here; nothing is deleted.

-- 单位认证: an account was shown to speak for an employer. (人才认证 is another thing: the account of a person whose identity is verified.)
create table approvals.certifications (
    id uuid primary key,
    user_id text not null references approvals.users,
    employer_id text not null references approvals.organisations,
    way text not null check (way in ('recognised', 'reviewed')),
    case_id uuid,
    certified_at timestamptz not null,
    ended_at timestamptz
);
create unique index certifications_employer on approvals.certifications (employer_id) where ended_at is null;

-- 业务权限: an employer may file for one service. case_id: the case whose data was approved last.
create table approvals.permissions (
    employer_id text not null references approvals.organisations,
    service text not null,
    case_id uuid not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    primary key (employer_id, service)
);

-- 关联单位: a person works for an employer; one at a time. The organisation of the account is that of the one that holds, or none.
create table approvals.associations (
    id uuid primary key,
    user_id text not null references approvals.users,
    employer_id text not null references approvals.organisations,
    case_id uuid,
    position text,
    contract_from date,
    contract_to date,
    began_at timestamptz not null,
    ended_at timestamptz,
    ended_case_id uuid,
    end_reason text
);
create unique index associations_person on approvals.associations (user_id) where ended_at is null;
create index associations_employer on approvals.associations (employer_id, user_id) where ended_at is null;

insert into approvals.associations (id, user_id, employer_id, began_at)
select distinct on (u.id) gen_random_uuid(), u.id, u.organisation_id, now() from approvals.users u
join approvals.user_roles r on r.user_id = u.id and r.role = 'applicant' and r.organisation_id = u.organisation_id;

-- Who isn't associated has no organisation.
alter table approvals.users alter column organisation_id drop not null;
