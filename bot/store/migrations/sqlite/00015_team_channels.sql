-- +goose Up
-- Which team a channel belongs to, so that a team that is left takes its channels along.
create table team_channels (
    channel text primary key,
    team text not null
) strict, without rowid;
create index team_channels_team on team_channels (team);

-- +goose Down
drop table team_channels;
