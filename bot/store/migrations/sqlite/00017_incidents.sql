-- +goose Up
-- What Microsoft has announced about its services: open, unlisted (Microsoft does not list it
-- any more and never said that it is over) or over.
create table incidents (
    id          text primary key,
    state       text   not null,
    modified_at integer not null,
    document    text   not null
);
create index incidents_modified on incidents (modified_at);

-- Which requests keep an incident; what an earlier release files is found too.
create index tickets_incident on tickets (document->>'$.details.incident')
    where document->>'$.details.incident' is not null;

-- +goose Down
drop index tickets_incident;
drop table incidents;
