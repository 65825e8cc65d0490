-- Who is named in a stage of several and may not have had their turn: a handover finds their cases by it. The case itself says whether they still wait.
create table approvals.waiting_seats (
    user_id text not null,
    case_id uuid not null,
    primary key (user_id, case_id)
);

insert into approvals.waiting_seats (user_id, case_id)
select distinct u.id, a.case_id
from approvals.audit a cross join lateral (
    select a.user_id where a.action = 'task.signers_added'
    union all
    select jsonb_array_elements_text(case when jsonb_typeof(a.details::jsonb -> 'users') = 'array' then a.details::jsonb -> 'users' else '[]' end)) u(id)
where a.action in ('task.assigned', 'task.signers_added') and u.id is not null
    and exists (select from approvals.tasks t where t.case_id = a.case_id and t.status < 2);
