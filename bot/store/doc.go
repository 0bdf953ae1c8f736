// Package store keeps what the desk knows in PostgreSQL or in SQLite. It is the
// only user of GORM. *Store implements what others state: request.Reader, bot.Store,
// outbox.Store and notify.Store; a transaction is a bot.Tx and a request.Tx.
//
// The SQL files in migrations decide what the tables are, one folder for each
// database; GORM maps rows. Instants are int64 Unix milliseconds, so a time comes
// back in UTC and without what is shorter. NULs and broken UTF-8, which
// PostgreSQL does not take, are dropped on the way in to either.
//
// Start reading with Open in store.go and Turn in turns.go, which is the one transaction of a
// turn; session.go is what a turn reads first, outbox.go and claims.go are the queues
// of what is to be sent.
package store
