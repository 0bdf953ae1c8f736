// Command load measures what one machine carries. It drives the real program
// with whole conversations and holds it against two limits, in one run:
//
//	go run ./cmd/load -users 1,16,64 -seconds 10 -database postgres://HOST/postgres
//	go run ./cmd/load -users 1,16 -database sqlite:
//
// Each user files a request and works on it until it is resolved: a typed line,
// then presses of the cards that really came, each sent when the one before was
// answered. The fake Teams behind it (teams.go) answers at once, so what is
// measured is the bot and its database, sharing the machine with the users.
//
// The limit is a bare handler (limit.go) that checks the same tokens with the same
// code and commits one insert a turn; the limit with bytes also stores and answers
// as many bytes as the bot does. Neither speaks to the connector. All candidates
// take turns, -rounds times, because the machine may be shared; the table shows
// medians. In the end each answered filing must be one ticket, or the status is 1.
//
// On PostgreSQL a database for each candidate is created beside the named one and
// dropped in the end. -program compares finished binaries instead of the tree's,
// such as two versions. CPU times and memory come from /proc, so other systems
// than Linux show "-" there. To see where the time goes, profile the bot from
// outside while a round runs: perf record -g -p $(pgrep -n onbehalf).
package main
