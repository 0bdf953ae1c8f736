// Package graph brings from Microsoft Graph what the partner's own tenant knows: its
// customers, and the granular delegated admin relationships with them (T2, T15).
//
// [Client] speaks to Graph and survives what it does; [Sync] lays what it reads over the
// customers that are stored. A run that breaks off takes nothing away: what was read
// counts, and what was not read stays as it was. graphtest has a strict Graph for tests.
package graph
