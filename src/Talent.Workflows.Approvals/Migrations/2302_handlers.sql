-- 更换经办人: who handled an employer's matters, and who does since (R-EMP-3). Null from_user: nobody did.
create table approvals.handler_replacements (
    seq bigint generated always as identity,
    id uuid primary key,
    employer_id text not null references approvals.organisations,
    from_user text references approvals.users,
    to_user text not null references approvals.users,
    reason text,
    at timestamptz not null,
    by_credential text not null,
    by_user text not null,
    check (from_user is distinct from to_user)
);
create index handler_replacements_from on approvals.handler_replacements (employer_id, from_user, seq desc);

-- Who handles what somebody filed for an employer: they themself for as long as they are a handler there; then whoever came in their
-- place, or in the place of those; and every handler when none of them is one any more.
create function approvals.handlers_of(of_employer text, filed text) returns table (user_id text) language sql stable as $$
    with recursive holders as (
        select r.user_id from approvals.user_roles r join approvals.users u on u.id = r.user_id and u.active where r.role = 'employer.handler' and r.organisation_id = of_employer),
    line (user_id, distance) as (
        select filed, 0
        union all
        select n.to_user, l.distance + 1 from line l
        cross join lateral (select r.to_user from approvals.handler_replacements r where r.employer_id = of_employer and r.from_user = l.user_id order by r.seq desc limit 1) n
        where l.distance < 50 and not exists (select from holders h where h.user_id = l.user_id)),
    heir as (
        select l.user_id from line l where exists (select from holders h where h.user_id = l.user_id) order by l.distance limit 1)
    select heir.user_id from heir union all select holders.user_id from holders where not exists (select from heir)
$$;

-- What an employer's handler owes to a case belongs to the employer's handlers from now on, not to the one who filed it.
update approvals.tasks t set assignee = null, role = 'employer.handler', organisation_id = c.employer_id
from approvals.cases c
where c.id = t.case_id and t.status < 2 and t.kind in ('supplement', 'materials') and t.assignee = c.filed_by and c.filed_by is distinct from c.applicant_id;
