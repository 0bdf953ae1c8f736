-- +goose Up
-- Until when requests can be filed for a customer, as text that sorts: by what Microsoft
-- said, else by what was typed. '0' is not at all, '9' without an end, and null is where
-- nothing is known. Generated, so that a release that knows nothing of it keeps it right.
alter table customers add column files_until text generated always as (coalesce(
    document->>'$.rights.filesUntil',
    case document->>'$.adminRelationship'
        when 'gdap' then coalesce(document->>'$.adminEnd' || 'T24', '9')
        when 'expired' then '0'
        when 'none' then '0'
    end)) virtual;
create index customers_rights on customers (files_until, fold, tenant_id) where status <> 'left';

-- What is brought from elsewhere from time to time: who does it now, and how it went.
create table syncs (
    source       text    not null primary key,
    holder       text    not null default '',
    held_until   integer,
    began_at     integer,
    succeeded_at integer,
    failed_at    integer,
    failure      text    not null default '',
    told_at      integer,
    document     text    not null default '{}'
) strict;

-- On which day a place was told of rights that end, and what was acknowledged there.
create table rights_told (
    place text not null,
    day   text not null,
    primary key (place, day)
) strict;
create table rights_acked (
    place     text    not null,
    tenant_id text    not null,
    mark      text    not null,
    person_id text    not null,
    at        integer not null,
    primary key (place, tenant_id, mark)
) strict;

-- +goose Down
drop table rights_acked;
drop table rights_told;
drop table syncs;
drop index customers_rights;
alter table customers drop column files_until;
