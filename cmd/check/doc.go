// Command check is the one test command of the project:
//
//	go run ./cmd/check
//
// On a Debian machine it installs what the whole check needs, starts a private
// PostgreSQL server, and runs every step of [steps] in order: formatting, vet,
// staticcheck, the module files, the tests under the race detector on both
// databases, and the browser tests of cmd/e2e. It ends with a summary and with
// status 1 when anything failed. With -quick it runs what takes little time, and
// says what it left out. Start reading at steps.go.
package main
