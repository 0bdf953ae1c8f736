-- +goose Up
-- A request is removed as a whole, with its history: only while its number stands in
-- removals, which is for the length of that transaction.
create table removals (ticket bigint primary key);
-- +goose StatementBegin
create or replace function events_are_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if exists (select 1 from removals where removals.ticket = old.ticket) then
            return old;
        end if;
    end if;
    raise exception 'entries of a history are never changed';
end $$;
-- +goose StatementEnd
create index tickets_closed on tickets (closed_at) where closed_at is not null;
-- Forms that came to nothing leave the id of their message.
create index posted_forms on posted (handle) where ticket = 0;

-- +goose Down
drop index posted_forms;
drop index tickets_closed;
-- +goose StatementBegin
create or replace function events_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'entries of a history are never changed';
end $$;
-- +goose StatementEnd
drop table removals;
