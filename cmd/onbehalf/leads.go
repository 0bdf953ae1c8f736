package main

import (
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"onbehalf/bot/request"
)

// leadership gives the people who lead the desk: those of LEADS, and those of
// the file LEADS_FILE as it stands now, so that a changed list works without a
// restart.
type leadership struct {
	fixed []string
	path  string
	log   *slog.Logger

	mu      sync.Mutex
	changed time.Time
	size    int64
	read    []string
	failed  bool
}

// leads gives the list. While the file cannot be read the last one that could
// be counts on, so that a slip of an editor locks nobody out.
func (l *leadership) leads() request.Leads {
	all := append(request.Leads{}, l.fixed...)
	if l.path == "" {
		return all
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(); err != nil {
		if !l.failed {
			l.log.Error("leads file cannot be read, the last list counts", "err", err)
		}
		l.failed = true
	} else {
		l.failed = false
	}
	return append(all, l.read...)
}

// refresh reads the file again when its time or size is another.
func (l *leadership) refresh() error {
	info, err := os.Stat(l.path)
	if err != nil {
		return err
	}
	if info.ModTime().Equal(l.changed) && info.Size() == l.size {
		return nil
	}
	text, err := os.ReadFile(l.path)
	if err != nil {
		return err
	}
	var ids []string
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		for _, id := range list(line) {
			if !guid.MatchString(id) {
				l.log.Warn("leads file names something that is not an Entra object id", "length", len(id))
				continue
			}
			ids = append(ids, id)
		}
	}
	l.read, l.changed, l.size = ids, info.ModTime(), info.Size()
	return nil
}
