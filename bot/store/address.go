package store

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
)

// errAddress stands for every address of PostgreSQL that cannot be read. It names
// no part of it: with a character that should have been encoded, a part of the
// password is read as the host or the database.
var errAddress = errors.New("the database URL is not one of PostgreSQL; write postgres://USER:PASSWORD@HOST:5432/NAME, " +
	"and encode characters of the password that mean something in an address: %40 for @, %23 for #, %2F for /, %3F for ?, %25 for %")

// parseAddress reads an address of PostgreSQL.
func parseAddress(address string) (*pgx.ConnConfig, error) {
	_, rest, _ := strings.Cut(address, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if strings.Count(rest[:end], "@") > 1 || strings.Contains(rest[end:], "@") || strings.Contains(rest, "#") {
		return nil, errAddress
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, errAddress
	}
	return config, nil
}
