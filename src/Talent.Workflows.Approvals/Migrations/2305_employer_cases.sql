-- Whose case it is: a person's, or an employer's, which whoever is its handler at the moment operates. Neither this nor the round ever changes.
alter table approvals.cases add column subject text not null default 'person' check (subject in ('person', 'employer'));

-- Rounds of an employer's cases for a service follow each other: each begins only when the one before has ended.
create unique index cases_employer_rounds on approvals.cases (employer_id, service, round) where subject = 'employer';
