-- +goose Up
-- All that a report counts, so that a month of a large desk is counted without
-- reading its documents.
create index tickets_report on tickets (opened_at, number, kind, severity, status, customer_id, response_due_at, responded_at, resolved_at, closed_at);
drop index tickets_opened;

-- +goose Down
create index tickets_opened on tickets (opened_at, number);
drop index tickets_report;
