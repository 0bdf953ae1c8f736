-- +goose Up
-- A delivery is an activity that was committed, with its answer. Nothing is written
-- of one that was not.
create table deliveries (
    conversation text    not null,
    activity     text    not null,
    person_id    text    not null,
    said         text    not null,
    came_at      bigint  not null,
    finished_at  bigint  not null,
    status       integer not null,
    body         bytea,
    primary key (conversation, activity)
);
-- Bodies are compressed already.
alter table deliveries alter column body set storage external;
create index deliveries_age on deliveries (finished_at);
create index deliveries_said on deliveries (conversation, person_id, said, finished_at) where said <> '';
insert into deliveries (conversation, activity, person_id, said, came_at, finished_at, status, body)
    select conversation, activity, person_id, said, claimed_at, finished_at, status, body from turns where finished_at is not null;
drop table turns;
-- The same activity does the same thing once, because its delivery is committed once.
drop index events_once;

-- A queue is one conversation with its threads, or the personal chat of a person. Its
-- row is the lock of the queue and holds what its lease goes by.
create table queues (
    queue      text    primary key,
    host       text    not null default '',
    rank       integer not null default 2,
    ready_at   bigint, -- 0 is at once, null is that nothing waits
    since      bigint  not null default 0,
    rest_until bigint  not null default 0,
    waiting    integer not null default 0,
    lease      text    not null default '',
    sent       text    not null default ''
) with (fillfactor = 70);
create index queues_ready on queues (rank, since) where ready_at is not null and lease = '';
create index queues_leased on queues (lease) where lease <> '';

create table outgoing (
    id         bigint  primary key generated always as identity,
    queue      text    not null,
    rank       integer not null,
    kind       text    not null,
    ticket     bigint  not null,
    event      bigint  not null,
    handle     text    not null,
    not_before bigint,
    expires_at bigint,
    created_at bigint  not null,
    attempts   integer not null default 0,
    document   jsonb   not null,
    body       bytea
);
alter table outgoing alter column body set storage external;
create index outgoing_queue on outgoing (queue, id);

-- Messages of the bot that change over time.
create table posted (
    handle       text    primary key,
    conversation text    not null,
    activity     text    not null,
    revision     integer not null
);

-- Until when a tenant's requests are given out, in microseconds.
create table paces (
    tenant  text   primary key,
    next_at bigint not null
);

-- Answers that waited are of no use by now: they live for a minute.
insert into outgoing (queue, rank, kind, ticket, event, handle, not_before, created_at, attempts, document)
    select case when n.lane like 'person:%' then n.lane
                when coalesce(c.person_id, '') <> '' and c.kind = 'personal' then 'person:' || c.person_id
                else split_part(n.lane, ';', 1) end,
           case when n.severity = 'A' and n.reason <> 'card' then 1 else 2 end,
           n.reason, n.ticket, coalesce((n.document->>'Event')::bigint, 0), '', n.not_before, coalesce(n.created_at, 0), n.attempts,
           jsonb_build_object('to', jsonb_strip_nulls(jsonb_build_object(
                   'conversation', case when n.lane like 'person:%' then null else n.lane end,
                   'person', coalesce(n.document->'To'->'person'->>'id', case when c.kind = 'personal' then nullif(c.person_id, '') end),
                   'account', n.document->'To'->'person'->>'teamsId',
                   'tenant', n.document->'To'->'person'->>'tenant')),
               'payload', n.document || jsonb_build_object('Ticket', n.ticket, 'Reason', n.reason, 'Severity', n.severity))
      from notices n left join conversations c on c.id = n.lane
     where n.reason <> 'answer' order by n.id;
insert into queues (queue, rank, ready_at, waiting)
    select queue, min(rank), min(coalesce(not_before, 0)), count(*) from outgoing group by queue;

insert into posted (handle, conversation, activity, revision)
    select 'form:' || t.form, k.conversation, k.activity, k.revision
      from ticket_cards k join tickets t on t.number = k.ticket where k.role = 'home';
insert into posted (handle, conversation, activity, revision)
    select 'desk:' || k.ticket, k.conversation, k.activity, k.revision from ticket_cards k where k.role = 'desk';
insert into posted (handle, conversation, activity, revision)
    select 'form:' || form, document->'home'->>'conversation', document->'home'->>'activity', 0
      from tickets where coalesce(document->'home'->>'activity', '') <> '' on conflict do nothing;
insert into posted (handle, conversation, activity, revision)
    select 'form:' || form, conversation, document->>'message', 0
      from drafts where coalesce(document->>'message', '') <> '' on conflict do nothing;
drop table notices;
drop table lanes;
drop table ticket_cards;
drop table rates;

-- Rises with every change of the customers: whoever remembers them sees that they
-- are not what they were.
insert into counters (name, value) values ('customers', 1);

-- +goose Down
delete from counters where name = 'customers';
create table rates (
    key        text   collate "C" primary key,
    state      bytea,
    touched_at bigint not null
);
create index rates_age on rates (touched_at);
create table ticket_cards (
    ticket       bigint not null,
    role         text    not null,
    conversation text    not null,
    activity     text    not null,
    revision     integer not null,
    primary key (ticket, role)
);
insert into ticket_cards (ticket, role, conversation, activity, revision)
    select t.number, 'home', p.conversation, p.activity, p.revision from posted p join tickets t on p.handle = 'form:' || t.form;
insert into ticket_cards (ticket, role, conversation, activity, revision)
    select t.number, 'desk', p.conversation, p.activity, p.revision from posted p join tickets t on p.handle = 'desk:' || t.number;
update drafts set document = jsonb_set(document, '{message}', to_jsonb(p.activity))
    from posted p where p.handle = 'form:' || drafts.form and drafts.opened = 0;
create table lanes (
    lane        text    collate "C" primary key,
    ready_at    bigint,
    rest_until  bigint not null default 0,
    urgent      integer not null default 0,
    lease       text    not null default '',
    lease_until bigint
);
create index lanes_ready on lanes (urgent, ready_at) where ready_at is not null;
create index lanes_waiting on lanes (ready_at) where ready_at is not null;
create index lanes_leased on lanes (lease_until) where lease_until is not null;
create table notices (
    id         bigint primary key generated always as identity,
    lane       text    collate "C" not null,
    ticket     bigint not null,
    reason     text    not null,
    severity   text    not null,
    not_before bigint,
    created_at bigint,
    attempts   integer not null,
    document   jsonb   not null
);
create index notices_lane on notices (lane, id);
create index notices_ready on notices (lane, coalesce(not_before, created_at, 0));
create index notices_urgent on notices (lane) where severity = 'A';
insert into notices (lane, ticket, reason, severity, not_before, created_at, attempts, document)
    select coalesce(document->'to'->>'conversation', queue), ticket, kind, coalesce(document->'payload'->>'Severity', ''), not_before, created_at, attempts,
           (document->'payload') - 'Ticket' - 'Reason' - 'Severity'
      from outgoing where document->'payload' is not null order by id;
insert into lanes (lane, ready_at, urgent)
    select lane, min(coalesce(not_before, created_at, 0)), max(case when severity = 'A' then 1 else 0 end) from notices group by lane;
drop table paces;
drop table posted;
drop table outgoing;
drop table queues;
create unique index events_once on events (ticket, origin, what) where origin <> '';
create table turns (
    conversation text    not null,
    activity     text    not null,
    person_id    text    not null,
    said         text    not null,
    claimed_at   bigint  not null,
    finished_at  bigint,
    status       integer not null default 0,
    body         bytea,
    primary key (conversation, activity)
);
create index turns_age on turns (claimed_at);
create index turns_said on turns (conversation, person_id, said, finished_at) where said <> '';
drop table deliveries;
