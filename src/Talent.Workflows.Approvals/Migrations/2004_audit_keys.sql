-- The keys that nodes may seal the audit with. Checkpoints from before this migration name none: any registered key may have signed them.
create table approvals.audit_keys (
    id text primary key,
    public_pem text not null,
    created_at timestamptz not null
);
alter table approvals.audit_checkpoints add column key_id text references approvals.audit_keys;
