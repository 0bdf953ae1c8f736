-- +goose Up
-- Warnings are found by their request, so that they are redrawn when it changes.
alter table posted add column ticket bigint not null default 0;
create index posted_ticket on posted (ticket) where ticket <> 0;

-- +goose Down
drop index posted_ticket;
alter table posted drop column ticket;
