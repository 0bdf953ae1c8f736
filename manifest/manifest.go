package manifest

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"unicode/utf8"
)

//go:embed manifest.json ru.json de.json color.png outline.png
var files embed.FS

// Placeholder begins the addresses that stand in a package until the desk gives its
// own.
const Placeholder = "https://example.org"

// App is what differs from desk to desk.
type App struct {
	// BotID is the Entra application id of the bot's registration; it serves as the
	// Teams app's id too.
	BotID string
	// Version is the package's, "1.2.3"; Teams takes an update only when it rises.
	// Empty keeps that of manifest.json.
	Version string
	// Host is where links to requests lead, without scheme and port: Teams asks the bot
	// what such a link shows. Empty without links.
	Host string
	// Compatible asks for a package of schema 1.25, for clouds that do not know 1.30 yet.
	Compatible bool
	// Developer is shown in Teams beside the app: 32 characters at most.
	Developer string
	// Website, Privacy and Terms are https addresses of the developer's pages.
	Website, Privacy, Terms string
}

var (
	guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	// A host of one label or an address of numbers cannot stand in a package.
	hostname = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]$`)
	semver   = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$`)
)

// Check reports everything that Teams would refuse, joined into one error.
func (a App) Check() error {
	var problems []error
	if !guid.MatchString(a.BotID) {
		problems = append(problems, fmt.Errorf("the bot's application id %q is not a GUID: set MICROSOFT_APP_ID", a.BotID))
	}
	if a.Version != "" && !semver.MatchString(a.Version) {
		problems = append(problems, fmt.Errorf("version %q is not of the form 1.2.3", a.Version))
	}
	if n := utf8.RuneCountInString(a.Developer); n == 0 || n > 32 {
		problems = append(problems, fmt.Errorf("the developer's name has %d characters; Teams takes 1 to 32", n))
	}
	if a.Host != "" && !hostname.MatchString(a.Host) {
		problems = append(problems, fmt.Errorf("no links to %q are shown in Teams: links need a host with a domain, such as onbehalf.example.org", a.Host))
	}
	for _, page := range []struct{ name, address string }{{"website", a.Website}, {"privacy", a.Privacy}, {"terms", a.Terms}} {
		if u, err := url.Parse(page.address); err != nil || u.Scheme != "https" || u.Host == "" {
			problems = append(problems, fmt.Errorf("the %s address %q is not an https address", page.name, page.address))
		}
	}
	return errors.Join(problems...)
}

// Write writes the package as a zip with manifest.json, icons and language files at
// its root, as the Teams app manifest 1.30 wants it, or 1.25 for a compatible one. The
// same App gives the same bytes. It fails with all of Check's problems and writes
// nothing then.
func Write(w io.Writer, a App) error {
	if err := a.Check(); err != nil {
		return err
	}
	p, err := a.pack()
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, name := range []string{manifestFile, "color.png", "outline.png", "ru.json", "de.json"} {
		entry, err := z.Create(name)
		if err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
		if _, err := entry.Write(p[name]); err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
	}
	return z.Close()
}

const manifestFile = "manifest.json"

// pack is a package's files by name.
type pack map[string][]byte

// pack makes the files of the app's package.
func (a App) pack() (pack, error) {
	p := pack{}
	for _, name := range []string{"color.png", "outline.png"} {
		icon, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		p[name] = icon
	}
	manifest, err := read(manifestFile)
	if err != nil {
		return nil, err
	}
	a.fill(manifest)
	paths := pathsOf(manifest)
	if a.Compatible {
		makeCompatible(manifest)
	}
	if p[manifestFile], err = write(manifest); err != nil {
		return nil, err
	}
	for _, name := range []string{"ru.json", "de.json"} {
		words, err := read(name)
		if err != nil {
			return nil, err
		}
		if a.Compatible {
			makeWordsCompatible(words, paths)
		}
		if p[name], err = write(words); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// object is a JSON object of the package.
type object = map[string]any

func read(name string) (object, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return o, nil
}

func write(o object) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(o); err != nil {
		return nil, fmt.Errorf("write the package: %w", err)
	}
	return out.Bytes(), nil
}

// objects are the objects of a list in one.
func objects(in object, key string) []object {
	list, _ := in[key].([]any)
	all := make([]object, 0, len(list))
	for _, one := range list {
		if o, ok := one.(object); ok {
			all = append(all, o)
		}
	}
	return all
}

// fill puts what is this desk's own into the manifest.
func (a App) fill(m object) {
	m["id"] = a.BotID
	if a.Version != "" {
		m["version"] = a.Version
	}
	m["developer"] = object{"name": a.Developer, "websiteUrl": a.Website, "privacyUrl": a.Privacy, "termsOfUseUrl": a.Terms}
	for _, part := range []string{"bots", "composeExtensions"} {
		for _, one := range objects(m, part) {
			one["botId"] = a.BotID
		}
	}
	if a.Host == "" {
		return
	}
	m["validDomains"] = []any{a.Host}
	for _, extension := range objects(m, "composeExtensions") {
		// Whoever has not installed the app gets no preview: no right of theirs can be
		// checked.
		extension["messageHandlers"] = []any{object{
			"type": "link", "value": object{"domains": []any{a.Host}, "supportsAnonymizedPayloads": false},
		}}
	}
}
