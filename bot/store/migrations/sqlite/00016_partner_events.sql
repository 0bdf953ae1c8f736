-- +goose Up
-- Events of Partner Center, so that each is done once. What waits for Microsoft Graph is due
-- at due_at; null is an event that is done with.
create table partner_events (
    event       text    not null primary key,
    name        text    not null,
    resource    text    not null,
    happened_at integer not null,
    came_at     integer not null,
    due_at      integer,
    tries       integer not null default 0,
    outcome     text    not null
) strict, without rowid;
create index partner_events_due on partner_events (due_at) where due_at is not null;
create index partner_events_came on partner_events (came_at);

-- +goose Down
drop table partner_events;
