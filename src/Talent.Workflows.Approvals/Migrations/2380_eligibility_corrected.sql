-- A corrected case is judged again (R-ELG-5): corrected, when a correction was handed in that changes what conditions look at.
alter table approvals.case_eligibility drop constraint case_eligibility_kind_check,
    add constraint case_eligibility_kind_check check (kind in ('begun', 'filed', 'corrected'));
