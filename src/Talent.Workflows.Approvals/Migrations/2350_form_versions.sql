-- Forms as they were when data was saved with them, by the SHA-256 of their canonical JSON, code tables included: a case is checked and
-- shown by the form that it was filed with, whatever became of the service's files. Rows are only ever added, one for each change of a form.
create table approvals.form_versions (
    service text not null,
    version text not null,
    form text not null,
    kept_at timestamptz not null,
    primary key (service, version)
);

-- Which form the data was saved with. No foreign key: every save would lock the one row that all cases of a service share. Null: saved by a
-- release that kept no versions; then the service's present form counts.
alter table approvals.case_data add column form_version text;
