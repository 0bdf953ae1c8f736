package sla

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"
)

// zonesText has a line for each zone of the IANA database (2025b): its name, and
// behind bars what Windows calls it (CLDR windowsZones, territory 001).
//
//go:embed zones.txt
var zonesText string

// zoneNames are the names of zonesText, and by lower-case spelling, the Windows
// names included, the IANA name that is meant.
var zoneNames = sync.OnceValues(func() (names []string, byName map[string]string) {
	byName = map[string]string{}
	for line := range strings.Lines(zonesText) {
		spellings := strings.Split(strings.TrimSpace(line), "|")
		names = append(names, spellings[0])
		for _, spelling := range spellings {
			byName[strings.ToLower(spelling)] = spellings[0]
		}
	}
	return names, byName
})

// zones keeps what time.LoadLocation reads from disk each time.
var zones sync.Map // string to *time.Location

// Zone loads a zone by its IANA name in any letter case, or by the name that
// Windows has for it, such as "W. Europe Standard Time". The error names the
// nearest name.
func Zone(name string) (*time.Location, error) {
	name = strings.TrimSpace(name)
	if zone, err := loadZone(name); err == nil {
		return zone, nil
	}
	_, byName := zoneNames()
	if meant, known := byName[strings.ToLower(name)]; known {
		return loadZone(meant)
	}
	return nil, fmt.Errorf("zone %q is not known; did you mean %s?", name, likeliestZone(name))
}

// Location loads a zone by its IANA name; false for a name that is none. It reads each
// zone once, where time.LoadLocation reads it from disk every time.
func Location(name string) (*time.Location, bool) {
	zone, err := loadZone(name)
	return zone, err == nil
}

// loadZone knows IANA names only: "Local" would be the machine's own zone.
func loadZone(name string) (*time.Location, error) {
	if loaded, ok := zones.Load(name); ok {
		return loaded.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("zone %q names no zone", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("load zone: %w", err)
	}
	zones.Store(name, zone)
	return zone, nil
}
