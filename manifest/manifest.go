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

// App is what differs from desk to desk.
type App struct {
	// BotID is the Entra application id of the bot's registration; it serves as the
	// Teams app's id too.
	BotID string
	// Version is the package's, "1.2.3"; Teams takes an update only when it rises.
	// Empty keeps that of manifest.json.
	Version string
	// Developer is shown in Teams beside the app: 32 characters at most.
	Developer string
	// Website, Privacy and Terms are https addresses of the developer's pages.
	Website, Privacy, Terms string
}

var (
	guid   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	semver = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$`)
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
	for _, page := range []struct{ name, address string }{{"website", a.Website}, {"privacy", a.Privacy}, {"terms", a.Terms}} {
		if u, err := url.Parse(page.address); err != nil || u.Scheme != "https" || u.Host == "" {
			problems = append(problems, fmt.Errorf("the %s address %q is not an https address", page.name, page.address))
		}
	}
	return errors.Join(problems...)
}

// Write writes the package as a zip with manifest.json, icons and language files
// at its root, as the Teams app manifest 1.30 wants it. The same App gives the
// same bytes. It fails with all of Check's problems and writes nothing then.
func Write(w io.Writer, a App) error {
	if err := a.Check(); err != nil {
		return err
	}
	filled, err := fill(a)
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, name := range []string{"manifest.json", "color.png", "outline.png", "ru.json", "de.json"} {
		content := filled
		if name != "manifest.json" {
			if content, err = files.ReadFile(name); err != nil {
				return fmt.Errorf("read %s: %w", name, err)
			}
		}
		entry, err := z.Create(name)
		if err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
		if _, err := entry.Write(content); err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
	}
	return z.Close()
}

// fill puts what is this desk's own into manifest.json.
func fill(a App) ([]byte, error) {
	text, err := files.ReadFile("manifest.json")
	if err != nil {
		return nil, fmt.Errorf("read manifest.json: %w", err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read manifest.json: %w", err)
	}
	m["id"] = a.BotID
	if a.Version != "" {
		m["version"] = a.Version
	}
	m["developer"] = map[string]string{
		"name": a.Developer, "websiteUrl": a.Website, "privacyUrl": a.Privacy, "termsOfUseUrl": a.Terms,
	}
	for _, part := range []string{"bots", "composeExtensions"} {
		for _, one := range m[part].([]any) {
			one.(map[string]any)["botId"] = a.BotID
		}
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("write manifest.json: %w", err)
	}
	return out.Bytes(), nil
}
