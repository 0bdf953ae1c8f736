-- +goose Up
-- Cards are found by where they stand, so that a quote of one, or its thread, names its
-- request.
create index posted_conversation on posted (conversation);
update posted set ticket = (select number from tickets where form = substr(handle, 6))
where ticket = 0 and handle like 'form:%' and exists (select 1 from tickets where form = substr(handle, 6));
update posted set ticket = cast(substr(handle, 6) as bigint) where ticket = 0 and handle like 'desk:%';

-- +goose Down
drop index posted_conversation;
