package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"onbehalf/bot/request"
	"onbehalf/bot/sla"
	"onbehalf/bot/store"
)

// exportCommand writes requests with their history to a file.
type exportCommand struct {
	Output       string `short:"o" required:"" placeholder:"FILE.jsonl" help:"Where to; a file of this name is replaced when the new one is whole."`
	ClosedBefore string `placeholder:"DATE" help:"Only requests that were closed or withdrawn before this day, such as 2026-01-01."`
	Zone         string `default:"UTC" help:"IANA zone in which the day begins."`
}

// exported is one line of the file.
type exported struct {
	request.Ticket
	Number  string          `json:"number"`
	History []exportedEvent `json:"history"`
}

// exportedEvent is an entry of the history; the request's number is said once.
type exportedEvent struct {
	request.Event
	Ticket *struct{} `json:"ticket,omitempty"`
}

// Run writes one JSON object a line. A request that cannot be read is left out and named,
// which makes the command fail with everything else written.
func (e exportCommand) Run(c console, s settings) error {
	zone, err := sla.Zone(e.Zone)
	if err != nil {
		return wrongUsage{fmt.Errorf("--zone: %w", err)}
	}
	var before time.Time
	if e.ClosedBefore != "" {
		if before, err = day("--closed-before", e.ClosedBefore, zone); err != nil {
			return err
		}
	}
	st, err := openMigrated(c.ctx, s.database())
	if err != nil {
		return err
	}
	defer st.Close()
	count, unreadable, err := e.write(c, st, before)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "wrote %s: %d requests with their history\n", e.Output, count)
	if len(unreadable) > 0 {
		names := make([]string, len(unreadable))
		for i, n := range unreadable {
			names[i] = n.String()
		}
		return fmt.Errorf("%s cannot be read and is not in %s: mend the row, or put a backup back", strings.Join(names, ", "), e.Output)
	}
	return nil
}

// write makes the file, under another name until it is whole.
func (e exportCommand) write(c console, st *store.Store, before time.Time) (count int, unreadable []request.Number, err error) {
	if there, err := os.Stat(e.Output); err == nil && !there.Mode().IsRegular() {
		return 0, nil, fmt.Errorf("%s is no file that can be replaced; name another one", e.Output)
	}
	file, err := os.CreateTemp(filepath.Dir(e.Output), filepath.Base(e.Output)+".unfinished-*")
	if err != nil {
		return 0, nil, fmt.Errorf("export: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	buffered := bufio.NewWriter(file)
	lines := json.NewEncoder(buffered)
	lines.SetEscapeHTML(false)
	unreadable, err = st.EachTicket(c.ctx, before, func(t request.Ticket, history []request.Event) error {
		line := exported{Ticket: t, Number: t.Number.String(), History: make([]exportedEvent, len(history))}
		for i, event := range history {
			line.History[i].Event = event
		}
		count++
		return lines.Encode(line)
	})
	if err = errors.Join(err, buffered.Flush(), file.Sync(), file.Close()); err != nil {
		return 0, nil, fmt.Errorf("export: %w", err)
	}
	return count, unreadable, os.Rename(file.Name(), e.Output)
}
