-- +goose Up
-- What Teams does not have in a conversation, so that it is not tried with each message.
create table lacking (
    conversation text not null,
    feature text not null,
    until_at bigint not null,
    primary key (conversation, feature)
);

-- +goose Down
drop table lacking;
