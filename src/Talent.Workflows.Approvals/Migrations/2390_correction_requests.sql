-- What a correction was opened for: the decisions that made up the return, and the versions of the case at which it was opened and handed in.
create table approvals.correction_requests (
    task_id uuid primary key,
    case_id uuid not null,
    opened_seq bigint not null,
    answered_seq bigint,
    returns uuid[] not null
);
create index correction_requests_case on approvals.correction_requests (case_id);

-- Those of before, as far as times tell: between a hand-in and the next return nothing changes.
insert into approvals.correction_requests (task_id, case_id, opened_seq, answered_seq, returns)
select t.id, t.case_id, coalesce(before.seq, 0),
    case when t.status = 2 then coalesce((select min(h.seq) from approvals.case_handins h where h.case_id = t.case_id and h.seq > coalesce(before.seq, 0)), before.seq, 0) end,
    array(select k.task_id from approvals.corrections k join approvals.tasks d on d.id = k.task_id and d.status = 2
        where k.case_id = t.case_id and k.at <= t.opened_at and k.at > coalesce((
            select max(p.opened_at) from approvals.tasks p where p.case_id = t.case_id and p.kind = 'supplement' and p.opened_at < t.opened_at), '-infinity') order by k.at, k.task_id)
from approvals.tasks t
left join lateral (select max(h.seq) as seq from approvals.case_handins h where h.case_id = t.case_id and h.at <= t.opened_at and h.at < coalesce(t.decided_at, 'infinity')) before on true
where t.kind = 'supplement';

-- What a phase said is kept at the first change after a correction was opened or handed in: by the version of the case that the change made. 0: kept before there were versions.
alter table approvals.case_data_before add column seq bigint not null default 0;
alter table approvals.case_data_before drop constraint case_data_before_pkey;
alter table approvals.case_data_before add primary key (task_id, phase, seq);
