-- +goose Up
create table conversations (
    id          text primary key,
    tenant      text    not null,
    kind        text    not null,
    service_url text    not null,
    bot_id      text    not null,
    bot_name    text    not null,
    channel     text    not null,
    person_id   text    not null,
    seen_at     integer,
    greeted     integer not null default 0,
    removed_at  integer,
    -- The code of a final answer from Teams, or "blocked" or "removed".
    unreachable text    not null default ''
) strict;
create index conversations_tenant on conversations (tenant, seen_at desc);
create index conversations_seen on conversations (seen_at desc);
create index conversations_person on conversations (person_id) where person_id <> '';

create table people (
    person_id text primary key,
    language  text not null default '',
    zone      text not null default '',
    personal  text not null default ''
) strict;

create table members (
    tenant    text   not null,
    person_id text   not null,
    seen_at   integer,
    document  text   not null,
    primary key (tenant, person_id)
) strict;

create table turns (
    conversation text    not null,
    activity     text    not null,
    person_id    text    not null,
    said         text    not null,
    claimed_at   integer not null,
    finished_at  integer,
    status       integer not null default 0,
    body         blob,
    primary key (conversation, activity)
) strict;
create index turns_age on turns (claimed_at);
create index turns_said on turns (conversation, person_id, said, finished_at) where said <> '';

-- +goose Down
drop table turns;
drop table members;
drop table people;
drop table conversations;
