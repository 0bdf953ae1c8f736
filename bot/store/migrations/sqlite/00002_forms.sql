-- +goose Up
create table drafts (
    form          text    primary key,
    version       integer not null,
    person_id     text    not null generated always as (coalesce(document->>'$.person.id', '')) stored,
    conversation  text    not null,
    opened        integer not null default 0,
    expires_at    integer not null,
    document      text    not null
) strict;
create unique index drafts_unfinished on drafts (person_id, conversation) where opened = 0;
create index drafts_expiry on drafts (expires_at);

-- What a person last gave as the partner's contact.
create table contacts (
    person_id text primary key,
    name      text not null,
    email     text not null,
    phone     text not null
) strict;

create table customers (
    id             integer primary key,
    tenant_id      text    not null unique,
    document       text    not null,
    -- The name, folded in Go so that both databases sort alike.
    fold           text    not null,
    name           text    not null generated always as (coalesce(document->>'$.name', '')) stored,
    primary_domain text    not null generated always as (coalesce(document->>'$.primaryDomain', '')) stored,
    status         text    not null generated always as (coalesce(document->>'$.status', '')) stored
) strict;
create index customers_name on customers (fold, tenant_id);

-- Where a search by prefix looks: name, domains and tenant id, folded. Customers
-- who left have no terms, so nobody picks them.
create table customer_terms (
    term      text not null,
    tenant_id text not null references customers (tenant_id) on delete cascade,
    primary key (term, tenant_id)
) strict, without rowid;
create index customer_terms_tenant on customer_terms (tenant_id);

-- +goose Down
drop table customer_terms;
drop table customers;
drop table contacts;
drop table drafts;
