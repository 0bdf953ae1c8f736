package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"onbehalf/manifest"
)

// manifestCommand writes the Teams app package for this desk's registration.
type manifestCommand struct {
	Output    string `short:"o" required:"" placeholder:"FILE.zip" help:"Where to write it."`
	Version   string `help:"The package's version; raise it for an update." default:"1.0.0"`
	Developer string `help:"Name shown beside the app, 32 characters at most." default:"Support desk"`
	Website   string `help:"The desk's page; a placeholder unless given." default:"https://example.org"`
	Privacy   string `help:"Its privacy statement; a placeholder unless given." default:"https://example.org/privacy"`
	Terms     string `help:"Its terms of use; a placeholder unless given." default:"https://example.org/terms"`
}

// app is the package's description for the registration in the settings.
func (m manifestCommand) app(s settings) manifest.App {
	return manifest.App{BotID: s.AppID, Version: m.Version, Developer: m.Developer, Website: m.Website, Privacy: m.Privacy, Terms: m.Terms}
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
			m.Output, strings.Join(open, ", "), placeholder)
		return nil
	}
	fmt.Fprintf(c.out, "%s written: upload it in the Teams admin center\n", m.Output)
	return nil
}

// placeholder begins the addresses that stand in the package until the desk gives
// its own.
const placeholder = "https://example.org"

// placeholders are the flags of the addresses that nobody gave.
func (m manifestCommand) placeholders() (flags []string) {
	for _, page := range []struct{ flag, address string }{{"--website", m.Website}, {"--privacy", m.Privacy}, {"--terms", m.Terms}} {
		if strings.HasPrefix(page.address, placeholder) {
			flags = append(flags, page.flag)
		}
	}
	return flags
}
