-- +goose Up
-- Instants are Unix milliseconds. What is searched, sorted or looked for by an
-- operator is a column; the rest of a ticket is its document. A column that says
-- what the document says as well is generated from it or checked against it.
create table tickets (
    number                 bigint  primary key,
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
    opened_at              bigint  not null,
    started_at             bigint,
    filed_at               bigint,
    responded_at           bigint,
    microsoft_responded_at bigint,
    waiting_since          bigint,
    resolved_at            bigint,
    closed_at              bigint,
    updated_at             bigint  not null,
    portal_opened_at       bigint,
    warning_acked_at       bigint,
    breach_acked_at        bigint,
    response_due_at        bigint,
    next_due_at            bigint,
    document               jsonb   not null,
    customer_id            text    not null check (customer_id = coalesce(document->'customer'->>'tenantId', '')),
    customer_name          text    not null generated always as (coalesce(document->'customer'->>'name', '')) stored,
    requester_id           text    not null check (requester_id = coalesce(document->'requester'->>'id', '')),
    requester_name         text    not null generated always as (coalesce(document->'requester'->>'name', '')) stored,
    assignee_id            text    not null check (assignee_id = coalesce(document->'assignee'->>'id', '')),
    assignee_name          text    not null generated always as (coalesce(document->'assignee'->>'name', '')) stored,
    -- When the first answer is owed: unanswered tickets by their due time, those
    -- without one behind them, and everything else last.
    owed_at                bigint  not null check (owed_at =
        case when responded_at is null and status not in ('resolved', 'closed', 'cancelled')
             then coalesce(response_due_at, 9223372036854775806)
             else 9223372036854775807 end)
);
-- The order of every list, with what lists are narrowed by, so that counting and
-- paging read nothing else.
create index tickets_order on tickets (owed_at, updated_at desc, number)
    include (kind, severity, status, requester_id, assignee_id, customer_id);
create index tickets_unfinished on tickets (owed_at, updated_at desc, number)
    include (kind, severity, status, requester_id, assignee_id, customer_id)
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
    name  text   primary key,
    value bigint not null
);
insert into counters (name, value) values ('ticket', 0);

create table events (
    id         bigint  primary key generated always as identity,
    ticket     bigint  not null references tickets (number),
    at         bigint  not null,
    person     jsonb   not null,
    what       text    not null,
    from_value text    not null,
    to_value   text    not null,
    text       text    not null,
    origin     text    not null,
    revision   integer not null
);
create index events_ticket on events (ticket, id);
-- Teams delivers a slow turn again: the same activity does the same thing once.
create unique index events_once on events (ticket, origin, what) where origin <> '';

-- +goose StatementBegin
create function events_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'entries of a history are never changed';
end $$;
-- +goose StatementEnd
create trigger events_are_kept before update or delete on events
    for each row execute function events_are_kept();
create trigger events_are_not_truncated before truncate on events
    for each statement execute function events_are_kept();

create table milestones (
    ticket    bigint  not null references tickets (number),
    epoch     integer not null,
    milestone text    not null,
    due_at    bigint,
    fired_at  bigint  not null,
    primary key (ticket, epoch, milestone)
);

create table policies (
    id   text primary key,
    body text not null
);

-- +goose Down
drop table policies;
drop table milestones;
drop table events;
drop function events_are_kept();
drop table counters;
drop table tickets;
