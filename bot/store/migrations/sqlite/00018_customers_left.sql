-- +goose Up
-- Customers who left are looked through one by one, those who have requests.
create index customers_left on customers (fold, tenant_id) where status = 'left';

-- +goose Down
drop index customers_left;
