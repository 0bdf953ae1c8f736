-- +goose Up
-- What "find" looks through, folded in Go: head is the ticket itself, remarks is
-- what people wrote on it. The row's id is the ticket's number.
create virtual table ticket_texts using fts5 (head, remarks, tokenize = 'trigram case_sensitive 1');

-- The row's id is the customer's.
create virtual table customer_texts using fts5 (text, tokenize = 'trigram case_sensitive 1');

-- +goose Down
drop table customer_texts;
drop table ticket_texts;
