-- The version of an organisation or a user in the directory is the number of the last change noted of it.
create index directory_changes_subject on approvals.directory_changes (subject, subject_id, id);
