package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/google/licensecheck"
)

// licencesFile is what onbehalf version --licences prints.
const licencesFile = "cmd/onbehalf/licences.txt"

// systems are those that releases are made for: each links other modules.
var systems = []string{"linux", "darwin", "windows"}

// permitted are the licences (by their SPDX names) that let a program be given away in
// binary form with nothing but their texts beside it. Another one is for people to
// decide about.
var permitted = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "Unlicense", "Zlib"}

// licences compares the list in the binary with what is linked.
func (c *check) licences(ctx context.Context) error {
	want, err := c.licenceText(ctx)
	if err != nil {
		return err
	}
	have, err := os.ReadFile(filepath.Join(c.root, licencesFile))
	if err != nil {
		return err
	}
	if !bytes.Equal(have, want) {
		return fmt.Errorf("%s does not have the licences of what is linked now: run go run ./cmd/check -licences, and read the diff", licencesFile)
	}
	return nil
}

// writeLicences writes the list anew.
func (c *check) writeLicences(ctx context.Context) error {
	text, err := c.licenceText(ctx)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.root, licencesFile), text, 0o644)
}

// licenceText is the list of what the program links on any system, with each text once.
func (c *check) licenceText(ctx context.Context) ([]byte, error) {
	linked, err := c.linked(ctx)
	if err != nil {
		return nil, err
	}
	return listLicences(linked)
}

// linkedModule is a module that is part of the program, and the folders of it that are.
type linkedModule struct {
	path, dir string
	folders   []string
}

// linked finds the modules by name, Go itself among them.
func (c *check) linked(ctx context.Context) (map[string]*linkedModule, error) {
	goroot, err := output(ctx, c.root, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	goroot = strings.TrimSpace(goroot)
	modules := map[string]*linkedModule{"Go": {path: "Go", dir: goroot, folders: []string{goroot}}}
	for _, system := range systems {
		var out strings.Builder
		err := c.commandIn(ctx, c.root, &out, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "go", "list", "-deps",
			"-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}\t{{$.Dir}}{{end}}{{end}}", "./cmd/onbehalf")
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, out.String())
		}
		for line := range strings.Lines(out.String()) {
			parts := strings.Split(strings.TrimSpace(line), "\t")
			if len(parts) != 3 {
				continue
			}
			if modules[parts[0]] == nil {
				modules[parts[0]] = &linkedModule{path: parts[0], dir: parts[1]}
			}
			modules[parts[0]].folders = append(modules[parts[0]].folders, parts[2])
		}
	}
	return modules, nil
}

var (
	licenceName = regexp.MustCompile(`(?i)^((un)?licen[cs]e|copying)([-_.].*)?$|^[a-z0-9]+[-_]licen[cs]e([-_.].*)?$`)
	noticeName  = regexp.MustCompile(`(?i)^(notice|copyright|licen[cs]e-3rd-party)([-_.].*)?$`)
)

// files are the licences and notices in the folders that are linked, and in those above
// them.
func (m linkedModule) files() (licences, notices []string, err error) {
	seen := map[string]bool{}
	for _, folder := range m.folders {
		for ; !seen[folder] && strings.HasPrefix(folder, m.dir); folder = filepath.Dir(folder) {
			seen[folder] = true
			entries, err := os.ReadDir(folder)
			if err != nil {
				return nil, nil, err
			}
			for _, entry := range entries {
				switch name := entry.Name(); {
				case entry.IsDir() || filepath.Ext(name) == ".go" || strings.HasSuffix(strings.ToLower(name), "-logo"): // a picture is not linked
				case noticeName.MatchString(name):
					notices = append(notices, filepath.Join(folder, name))
				case licenceName.MatchString(name):
					licences = append(licences, filepath.Join(folder, name))
				}
			}
		}
	}
	slices.Sort(licences)
	slices.Sort(notices)
	return licences, notices, nil
}

// listLicences writes who is linked under which licence, and below that each text once,
// with those whose it is.
func listLicences(modules map[string]*linkedModule) ([]byte, error) {
	var list strings.Builder
	var problems []error
	var texts []string
	of := map[string][]string{} // by text
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		m := modules[path]
		licences, notices, err := m.files()
		if err != nil {
			return nil, err
		}
		var names []string
		for _, file := range slices.Concat(licences, notices) {
			raw, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			text := strings.TrimSpace(strings.ReplaceAll(string(raw), "\r\n", "\n"))
			if slices.Contains(licences, file) {
				found, err := identify(text)
				if err != nil {
					problems = append(problems, fmt.Errorf("%s, %s: %w", path, filepath.Base(file), err))
				}
				names = append(names, found...)
			}
			if of[text] == nil {
				texts = append(texts, text)
			}
			if !slices.Contains(of[text], path) {
				of[text] = append(of[text], path)
			}
		}
		if len(licences) == 0 {
			problems = append(problems, fmt.Errorf("%s comes without a licence", path))
		}
		slices.Sort(names)
		fmt.Fprintf(&list, "%-70s %s\n", path, strings.Join(slices.Compact(names), ", "))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	var all strings.Builder
	all.WriteString("What onbehalf is linked with, on any system, and under which licence (SPDX).\nEach text stands once below, under those whose it is.\n\n")
	all.WriteString(list.String())
	for _, text := range texts {
		fmt.Fprintf(&all, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 78), strings.Join(of[text], "\n"), text)
	}
	return []byte(all.String()), nil
}

// identified is how much of a text, in percent, has to be a known licence. The rest are
// names, years and headings.
const identified = 75

// publicDomain begins what SQLite's authors say, which has no name in SPDX.
const publicDomain = "SQLite Is Public Domain"

// identify names the licences in a text.
func identify(text string) (names []string, err error) {
	if strings.HasPrefix(text, publicDomain) {
		return []string{"public domain"}, nil
	}
	scanner, err := permittedLicences()
	if err != nil {
		return nil, err
	}
	found := scanner.Scan([]byte(text))
	for _, match := range found.Match {
		names = append(names, match.ID)
	}
	if len(names) == 0 || found.Percent < identified {
		return nil, fmt.Errorf("only %.0f %% of the text is a licence that may be linked", found.Percent)
	}
	return names, nil
}

// permittedLicences knows those alone: to learn all others takes seconds.
var permittedLicences = sync.OnceValues(func() (*licensecheck.Scanner, error) {
	return licensecheck.NewScanner(slices.DeleteFunc(licensecheck.BuiltinLicenses(), func(l licensecheck.License) bool { return !slices.Contains(permitted, l.ID) }))
})
