-- +goose Up
-- Instants are Unix milliseconds. What is searched, sorted or looked for by an
-- operator is a column; the rest of a ticket is its document. A column that says
-- what the document says as well is generated from it, or checked against it where
-- lists need it: SQLite reads the whole row for the sake of a generated column.
create table tickets (
    number                 integer primary key,
    revision               integer not null,
    status                 text    not null,
    form                   text    not null unique,
    platform               text    not null,
    kind                   text    not null,
    severity               text    not null,
    language               text    not null,
    title                  text    not null,
    description            text    not null,
    microsoft_case         text    not null,
    policy_id              text    not null,
    epoch                  integer not null,
    opened_at              integer not null,
    started_at             integer,
    filed_at               integer,
    responded_at           integer,
    microsoft_responded_at integer,
    waiting_since          integer,
    resolved_at            integer,
    closed_at              integer,
    updated_at             integer not null,
    portal_opened_at       integer,
    warning_acked_at       integer,
    breach_acked_at        integer,
    response_due_at        integer,
    next_due_at            integer,
    document               text    not null,
    customer_id            text    not null check (customer_id = coalesce(document->>'$.customer.tenantId', '')),
    customer_name          text    not null generated always as (coalesce(document->>'$.customer.name', '')) stored,
    requester_id           text    not null check (requester_id = coalesce(document->>'$.requester.id', '')),
    requester_name         text    not null generated always as (coalesce(document->>'$.requester.name', '')) stored,
    assignee_id            text    not null check (assignee_id = coalesce(document->>'$.assignee.id', '')),
    assignee_name          text    not null generated always as (coalesce(document->>'$.assignee.name', '')) stored,
    -- When the first answer is owed: unanswered tickets by their due time, those
    -- without one behind them, and everything else last.
    owed_at                integer not null check (owed_at =
        case when responded_at is null and status not in ('resolved', 'closed', 'cancelled')
             then coalesce(response_due_at, 9223372036854775806)
             else 9223372036854775807 end)
) strict;
-- The order of every list, with what lists are narrowed by, so that counting and
-- paging read nothing else.
create index tickets_order on tickets (owed_at, updated_at desc, number, kind, severity, status, requester_id, assignee_id, customer_id);
create index tickets_unfinished on tickets (owed_at, updated_at desc, number, kind, severity, status, requester_id, assignee_id, customer_id)
    where status not in ('resolved', 'closed', 'cancelled');
create index tickets_fraud on tickets (number) where kind = 'fraud';
create index tickets_due on tickets (next_due_at) where next_due_at is not null;
create index tickets_customer on tickets (customer_id, owed_at, updated_at desc, number);
create index tickets_requester on tickets (requester_id, opened_at desc);
create index tickets_assignee on tickets (assignee_id) where assignee_id <> '';
create index tickets_case on tickets (microsoft_case) where microsoft_case <> '';
create index tickets_opened on tickets (opened_at, number);

-- Numbers are given without gaps: the row is locked until the ticket is kept.
create table counters (
    name  text    primary key,
    value integer not null
) strict;
insert into counters (name, value) values ('ticket', 0);

create table events (
    id         integer primary key autoincrement,
    ticket     integer not null references tickets (number),
    at         integer not null,
    person     text    not null,
    what       text    not null,
    from_value text    not null,
    to_value   text    not null,
    text       text    not null,
    origin     text    not null,
    revision   integer not null
) strict;
create index events_ticket on events (ticket, id);
-- Teams delivers a slow turn again: the same activity does the same thing once.
create unique index events_once on events (ticket, origin, what) where origin <> '';

-- +goose StatementBegin
create trigger events_are_not_changed before update on events
begin
    select raise(abort, 'entries of a history are never changed');
end;
-- +goose StatementEnd
-- +goose StatementBegin
create trigger events_are_not_deleted before delete on events
begin
    select raise(abort, 'entries of a history are never changed');
end;
-- +goose StatementEnd

create table milestones (
    ticket    integer not null references tickets (number),
    epoch     integer not null,
    milestone text    not null,
    due_at    integer,
    fired_at  integer not null,
    primary key (ticket, epoch, milestone)
) strict, without rowid;

create table policies (
    id   text primary key,
    body text not null
) strict;

-- +goose Down
drop table policies;
drop table milestones;
drop table events;
drop table counters;
drop table tickets;
