-- +goose Up
-- What "find" looks through, folded in Go: head is the ticket itself, remarks is
-- what people wrote on it. It stands apart so that a change of the ticket leaves
-- the trigrams alone.
create table ticket_texts (
    ticket  bigint primary key references tickets (number),
    head    text not null,
    remarks text not null,
    text    text not null generated always as (head || E'\n' || remarks) stored
);
create table customer_texts (
    tenant_id text collate "C" primary key references customers (tenant_id) on delete cascade,
    text      text not null
);

-- Trigrams make an infix search fast. Where the extension can't be had the same
-- search is right and slower.
-- +goose StatementBegin
do $$
declare home text;
begin
    begin
        create extension if not exists pg_trgm;
    exception when others then
        raise notice 'no pg_trgm: %', sqlerrm;
    end;
    select quote_ident(n.nspname) into home
      from pg_extension e join pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'pg_trgm';
    if home is not null then
        execute format('create index ticket_texts_trigrams on ticket_texts using gin (text %s.gin_trgm_ops)', home);
        execute format('create index customer_texts_trigrams on customer_texts using gin (text %s.gin_trgm_ops)', home);
    end if;
end $$;
-- +goose StatementEnd

-- +goose Down
drop table customer_texts;
drop table ticket_texts;
