-- Requests that are no step have their receipt in engine.receipts, as steps do.
drop table approvals.handover_requests;
