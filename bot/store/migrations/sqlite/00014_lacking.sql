-- +goose Up
-- What Teams does not have in a conversation, so that it is not tried with each message.
create table lacking (
    conversation text not null,
    feature text not null,
    until_at integer not null,
    primary key (conversation, feature)
) strict, without rowid;

-- +goose Down
drop table lacking;
