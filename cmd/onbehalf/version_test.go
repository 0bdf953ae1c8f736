package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionSaysWhereTheProgramIsFrom(t *testing.T) {
	command(t, "version").done(t, "onbehalf ", "\ncommit   ", "\nbuilt    ", "\nwith     go1")

	checkout := &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0a1b2c"}, {Key: "vcs.time", Value: "2026-11-28T08:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}}
	if got := thisVersion(checkout, true); got != (release{"unreleased", "0a1b2c with changes", "2026-11-28T08:00:00Z"}) {
		t.Errorf("built in a changed checkout: %+v", got)
	}
	if got := thisVersion(nil, false); got != (release{"unreleased", "unknown", "unknown"}) {
		t.Errorf("built in no checkout: %+v", got)
	}
	t.Cleanup(func() { version, commit, built = "", "", "" })
	version, commit, built = "0.4.0", "0a1b2c", "2026-11-28T08:00:00Z"
	if got := thisVersion(checkout, true); got != (release{version, commit, built}) {
		t.Errorf("a release: %+v", got)
	}
}

func TestLicencesAreInTheProgram(t *testing.T) {
	// The whole check compares the list with what is linked.
	command(t, "version", "--licences").done(t, "gorm.io/gorm  ", "MIT\n", "SQLite Is Public Domain", "Apache License", "Redistributions in binary form must reproduce")
}
