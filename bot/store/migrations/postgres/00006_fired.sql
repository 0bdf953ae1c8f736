-- +goose Up
-- Firing a milestone changes columns alone: the document is not written again.
alter table tickets add column fired text not null default '[]';
update tickets set fired = (document->'fired')::text, document = document - 'fired' where document->'fired' is not null;

-- +goose Down
update tickets set document = jsonb_set(document, '{fired}', fired::jsonb) where fired <> '[]';
alter table tickets drop column fired;
