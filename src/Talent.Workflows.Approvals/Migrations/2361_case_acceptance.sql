-- 受理: stages of which an approval accepts the case, as its service said when it was submitted. Null: the bureau's decision, or one of the second phase.
alter table approvals.cases add column acceptance text[];
