package manifest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Package is what was found in a package file.
type Package struct {
	// Version is the package's own.
	Version string
	// Placeholders says that addresses of the developer still lead to Placeholder.
	Placeholders bool
	// Differences are what stands in it otherwise than the bot of today has it, one line
	// each, in the order of the files.
	Differences []string
}

// unpackedMost is how large a file of a package may be.
const unpackedMost = 4 << 20

// Compare reads a package file and says what differs from the one that a would write
// today. What the desk chooses freely is no difference: version, developer, and which
// of the two schemas it is for. The error says that the file is no package.
func Compare(file []byte, a App) (Package, error) {
	there, err := unpack(file)
	if err != nil {
		return Package{}, err
	}
	m, err := parsed(there[manifestFile])
	if err != nil {
		return Package{}, fmt.Errorf("its %s is not JSON: %w", manifestFile, err)
	}
	developer, _ := m["developer"].(object)
	text := func(o object, key string) string { s, _ := o[key].(string); return s }
	a.Version, a.Developer = text(m, "version"), text(developer, "name")
	a.Website, a.Privacy, a.Terms = text(developer, "websiteUrl"), text(developer, "privacyUrl"), text(developer, "termsOfUseUrl")
	a.Compatible = text(m, "manifestVersion") == compatibleVersion
	found := Package{Version: a.Version}
	for _, page := range []string{a.Website, a.Privacy, a.Terms} {
		found.Placeholders = found.Placeholders || strings.HasPrefix(page, Placeholder)
	}
	wanted, err := a.pack()
	if err != nil {
		return Package{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		found.Differences = append(found.Differences, differences(name, there[name], wanted[name])...)
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if _, ours := wanted[name]; !ours {
			found.Differences = append(found.Differences, name+" is there too much")
		}
	}
	return found, nil
}

// unpack reads a package's files.
func unpack(file []byte) (pack, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, errors.New("it is no zip file: write it with onbehalf manifest")
	}
	p := pack{}
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			return nil, fmt.Errorf("its %s cannot be read: %w", entry.Name, err)
		}
		content, err := io.ReadAll(io.LimitReader(r, unpackedMost))
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, fmt.Errorf("its %s cannot be read: %w", entry.Name, err)
		}
		p[entry.Name] = content
	}
	if len(p[manifestFile]) == 0 {
		return nil, fmt.Errorf("it has no %s at its root: write it with onbehalf manifest", manifestFile)
	}
	return p, nil
}

func parsed(text []byte) (object, error) {
	var o object
	err := json.Unmarshal(text, &o)
	return o, err
}

// differences compares one file.
func differences(name string, there, wanted []byte) []string {
	switch {
	case there == nil:
		return []string{name + " is missing"}
	case bytes.Equal(there, wanted):
		return nil
	case !strings.HasSuffix(name, ".json"):
		return []string{name + " is another picture"}
	}
	a, err := parsed(there)
	if err != nil {
		return []string{name + " is not JSON"}
	}
	b, err := parsed(wanted)
	if err != nil {
		return []string{err.Error()}
	}
	return compare(name+": ", "", a, b)
}

// compare walks two values of a file and names where they part.
func compare(file, path string, there, wanted any) (found []string) {
	a, aObject := there.(object)
	b, bObject := wanted.(object)
	if aObject && bObject {
		keys := maps.Clone(a)
		maps.Copy(keys, b)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			found = append(found, compare(file, strings.TrimPrefix(path+"."+key, "."), a[key], b[key])...)
		}
		return found
	}
	c, aList := there.([]any)
	d, bList := wanted.([]any)
	if aList && bList {
		for i := range max(len(c), len(d)) {
			found = append(found, compare(file, path+"["+strconv.Itoa(i)+"]", element(c, i), element(d, i))...)
		}
		return found
	}
	switch {
	case reflect.DeepEqual(there, wanted):
		return nil
	case there == nil:
		return []string{file + path + " is missing, it should be " + shown(wanted)}
	case wanted == nil:
		return []string{file + path + " is too much: " + shown(there)}
	}
	return []string{file + path + " is " + shown(there) + ", it should be " + shown(wanted)}
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

// shownMost is how many characters of a value one difference shows.
const shownMost = 80

// shown writes a value as JSON, on one line.
func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "unreadable"
	}
	if runes := []rune(string(text)); len(runes) > shownMost {
		return string(runes[:shownMost]) + "…"
	}
	return string(text)
}
