-- The rounds of a person's cases (重新申请, 重新申报): series_id is the first of them, null in that one. An employer's are those of the employer and its service.
-- None of these columns ever changes, so that no decision touches an index.
alter table approvals.cases add column series_id uuid;
create unique index cases_rounds on approvals.cases (series_id, round) where series_id is not null;
create index cases_previous on approvals.cases (previous_id) where previous_id is not null;
