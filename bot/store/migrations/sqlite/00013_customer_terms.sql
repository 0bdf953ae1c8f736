-- +goose Up
-- Rises with the counter of the customers for as long as all that they are found by is
-- written down. Where it lags behind, a start writes that anew.
insert into counters (name, value) values ('customer_terms', 0);

-- +goose Down
delete from counters where name = 'customer_terms';
