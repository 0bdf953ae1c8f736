-- +goose Up
-- A request is removed as a whole, with its history: only while its number stands in
-- removals, which is for the length of that transaction.
create table removals (ticket integer primary key) strict;
drop trigger events_are_not_deleted;
-- +goose StatementBegin
create trigger events_are_not_deleted before delete on events
when not exists (select 1 from removals where removals.ticket = old.ticket)
begin
    select raise(abort, 'entries of a history are never changed');
end;
-- +goose StatementEnd
create index tickets_closed on tickets (closed_at) where closed_at is not null;
-- Forms that came to nothing leave the id of their message.
create index posted_forms on posted (handle) where ticket = 0;

-- +goose Down
drop index posted_forms;
drop index tickets_closed;
drop trigger events_are_not_deleted;
-- +goose StatementBegin
create trigger events_are_not_deleted before delete on events
begin
    select raise(abort, 'entries of a history are never changed');
end;
-- +goose StatementEnd
drop table removals;
