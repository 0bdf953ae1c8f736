-- +goose Up
-- Firing a milestone changes columns alone: the document is not written again.
alter table tickets add column fired text not null default '[]';
update tickets set fired = document->>'fired', document = json_remove(document, '$.fired') where document->>'fired' is not null;

-- +goose Down
update tickets set document = json_set(document, '$.fired', json(fired)) where fired <> '[]';
alter table tickets drop column fired;
