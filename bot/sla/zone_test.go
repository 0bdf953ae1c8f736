package sla

import (
	"strings"
	"testing"
	"time"
)

func TestZonesAreFoundByWhatPeopleCallThem(t *testing.T) {
	for name, want := range map[string]string{
		"Europe/Berlin": "Europe/Berlin", "europe/berlin": "Europe/Berlin", "W. Europe Standard Time": "Europe/Berlin",
		"FLE Standard Time": "Europe/Kyiv", "Europe/Kiev": "Europe/Kiev", "india standard time": "Asia/Kolkata", " UTC ": "UTC",
	} {
		if zone, err := Zone(name); err != nil || zone.String() != want {
			t.Errorf("%q: %v, %v, want %s", name, zone, err, want)
		}
	}
	for name, near := range map[string]string{
		"Europe/Berln": "Europe/Berlin", "Berlin": "Europe/Berlin", "Local": "", "": "", "Mars/Olympus": "", "../zone": "",
	} {
		if zone, err := Zone(name); err == nil || !strings.Contains(err.Error(), near) {
			t.Errorf("%q: %v, %v", name, zone, err)
		}
	}
}

func TestEveryListedZoneLoads(t *testing.T) {
	names, byName := zoneNames()
	for _, name := range names {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
	if len(names) < 500 || len(byName) < len(names)+100 {
		t.Errorf("%d zones, %d spellings", len(names), len(byName))
	}
}

func TestAnUnknownCalendarIsRefusedWithTheNearest(t *testing.T) {
	for code, near := range map[string]string{"nope": "", "dee": "did you mean de?", "DE": "", "": ""} {
		err := BuiltIn().CheckCalendar(code)
		if known := code == "DE" || code == ""; known != (err == nil) {
			t.Errorf("%q: %v", code, err)
		} else if err != nil && (!strings.Contains(err.Error(), near) || !strings.Contains(err.Error(), "de, dk")) {
			t.Errorf("%q: %v", code, err)
		}
	}
}
