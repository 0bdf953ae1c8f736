package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime/debug"
	"strings"

	"onbehalf/bot/teams"
	"onbehalf/manifest"
)

// manifestCommand writes the Teams app package for this desk's registration.
type manifestCommand struct {
	Output     string `short:"o" required:"" placeholder:"FILE.zip" help:"Where to write it."`
	Compatible bool   `help:"Write it for clouds that do not take schema 1.30 yet: schema 1.25, without slash commands and prompts."`
	Version    string `placeholder:"1.2.3" help:"The package's version; Teams takes an update only when it rises. Default: this program's, 1.0.0 where it has none."`
	Developer  string `help:"Name shown beside the app, 32 characters at most." default:"Support desk"`
	Website    string `help:"The desk's page; a placeholder unless given." default:"https://example.org"`
	Privacy    string `help:"Its privacy statement; a placeholder unless given." default:"https://example.org/privacy"`
	Terms      string `help:"Its terms of use; a placeholder unless given." default:"https://example.org/terms"`
}

// app is the package's description for the registration in the settings.
func (m manifestCommand) app(s settings) manifest.App {
	return manifest.App{
		BotID: s.AppID, Version: cmp.Or(m.Version, packageVersion()), Host: linkHost(s.PublicURL), Compatible: m.Compatible,
		Developer: m.Developer, Website: m.Website, Privacy: m.Privacy, Terms: m.Terms,
	}
}

// packageVersion is the release that this program was built from, without what a
// build between two releases adds; empty where the build names none.
func packageVersion() string {
	return releaseOf(thisVersion(debug.ReadBuildInfo()).version)
}

// releaseOf takes "1.2.3" out of "v1.2.3", "v1.2.3-0.20261128083054-f55c1bf4e1a2" or
// "v1.2.3+dirty". A build without any release says v0.0.0, which is none.
func releaseOf(version string) string {
	release, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), "+")
	release, _, _ = strings.Cut(release, "-")
	if release == "0.0.0" || strings.Count(release, ".") != 2 {
		return ""
	}
	return release
}

// linkHost is the host that links to requests lead to, empty where Teams can ask for
// none: without PUBLIC_URL, and with one that leads to this machine.
func linkHost(public string) string {
	u, err := url.Parse(public)
	if err != nil || teams.IsLoopbackHostPort(u.Host) {
		return ""
	}
	return u.Hostname()
}

// Run writes the package, or nothing when Teams would refuse it.
func (m manifestCommand) Run(c console, s settings) error {
	if s.AppID == "" {
		return errors.New("MICROSOFT_APP_ID is missing: the package names the bot's registration")
	}
	var zip bytes.Buffer
	if err := manifest.Write(&zip, m.app(s)); err != nil {
		return err
	}
	if err := os.WriteFile(m.Output, zip.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the package: %w", err)
	}
	if open := m.placeholders(); len(open) > 0 {
		fmt.Fprintf(c.out, "%s written, but NOT READY for people: %s still lead to %s, which everybody sees beside the app; give the desk's own addresses and write it again\n",
			m.Output, strings.Join(open, ", "), manifest.Placeholder)
		return nil
	}
	fmt.Fprintf(c.out, "%s written: upload it in the Teams admin center\n", m.Output)
	return nil
}

// placeholders are the flags of the addresses that nobody gave.
func (m manifestCommand) placeholders() (flags []string) {
	for _, page := range []struct{ flag, address string }{{"--website", m.Website}, {"--privacy", m.Privacy}, {"--terms", m.Terms}} {
		if strings.HasPrefix(page.address, manifest.Placeholder) {
			flags = append(flags, page.flag)
		}
	}
	return flags
}
