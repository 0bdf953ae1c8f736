-- +goose Up
-- A lane is the queue of one conversation; its row is the lock of the queue.
create table lanes (
    lane        text    primary key,
    -- When it may be claimed; null when nothing waits.
    ready_at    integer,
    rest_until  integer not null default 0,
    urgent      integer not null default 0, -- 1 while a notice of severity A waits
    lease       text    not null default '',
    lease_until integer
) strict;
create index lanes_ready on lanes (urgent, ready_at) where ready_at is not null;
create index lanes_waiting on lanes (ready_at) where ready_at is not null;
create index lanes_leased on lanes (lease_until) where lease_until is not null;

create table notices (
    id         integer primary key autoincrement,
    lane       text    not null,
    ticket     integer not null,
    reason     text    not null,
    severity   text    not null,
    not_before integer,
    created_at integer,
    attempts   integer not null,
    document   text    not null
) strict;
create index notices_lane on notices (lane, id);
create index notices_ready on notices (lane, coalesce(not_before, created_at, 0));
create index notices_urgent on notices (lane) where severity = 'A';

create table ticket_cards (
    ticket       integer not null,
    role         text    not null,
    conversation text    not null,
    activity     text    not null,
    revision     integer not null,
    primary key (ticket, role)
) strict;

-- What the senders of all replicas share about the limits of Teams.
create table rates (
    key        text   primary key,
    state      blob,
    touched_at integer not null
) strict;
create index rates_age on rates (touched_at);

-- +goose Down
drop table rates;
drop table ticket_cards;
drop table notices;
drop table lanes;
