package main

import (
	"cmp"
	_ "embed" // for licences
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// What the linker writes into a release:
//
//	go build -trimpath -ldflags "-X main.version=0.4.0 -X main.commit=… -X main.built=…" ./cmd/onbehalf
//
// built is the instant of the commit, not of the build, so that everybody who builds
// the same commit with the same Go gets the same bytes. Each is empty elsewhere.
var version, commit, built string

// versionCommand says which program this is.
type versionCommand struct {
	Licences bool `help:"Print what the program is linked with, and the texts of their licences."`
}

// licences is written by go run ./cmd/check -licences.
//
//go:embed licences.txt
var licences string

// Run prints version, commit and build date, one a line, or the licences.
func (command versionCommand) Run(c console) error {
	if command.Licences {
		_, err := io.WriteString(c.out, licences)
		return err
	}
	v := thisVersion(debug.ReadBuildInfo())
	_, err := fmt.Fprintf(c.out, "onbehalf %s\ncommit   %s\nbuilt    %s\nwith     %s %s/%s\n", v.version, v.commit, v.built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// release is where a program comes from.
type release struct{ version, commit, built string }

// thisVersion is what the linker wrote, else what Go itself noted of the checkout,
// else that it is not known.
func thisVersion(info *debug.BuildInfo, ok bool) release {
	r := release{version, commit, built}
	if ok {
		noted := map[string]string{}
		for _, s := range info.Settings {
			noted[s.Key] = s.Value
		}
		if r.commit == "" && noted["vcs.revision"] != "" {
			r.commit = noted["vcs.revision"]
			if noted["vcs.modified"] == "true" {
				r.commit += " with changes"
			}
		}
		r.built = cmp.Or(r.built, noted["vcs.time"])
		if info.Main.Version != "(devel)" {
			r.version = cmp.Or(r.version, info.Main.Version)
		}
	}
	return release{cmp.Or(r.version, "unreleased"), cmp.Or(r.commit, "unknown"), cmp.Or(r.built, "unknown")}
}
