-- Reads of a person's data in full are recorded beside those of cases.
alter table approvals.data_reads alter column case_id drop not null, add column person_id uuid;
alter table approvals.data_reads add constraint data_reads_of_one check (num_nonnulls(case_id, person_id) = 1);
create index data_reads_person on approvals.data_reads (person_id, at) where person_id is not null;
