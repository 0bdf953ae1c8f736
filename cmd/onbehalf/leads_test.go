package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"onbehalf/bot/request"
)

func TestChangedLeadsCountWithoutARestart(t *testing.T) {
	const ines, jonas = "b4c1f3de-0d4b-4c0f-9a51-7c2b3c9f1a22", "11111111-2222-4333-8444-555555555555"
	file := filepath.Join(t.TempDir(), "leads")
	write := func(text string, at time.Time) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	write("# the night shift\n"+ines+" # Ines\nnot an id\n", start)
	l := &leadership{path: file, log: slog.New(slog.DiscardHandler)}
	if !l.leads().Has(request.Person{ID: ines}) || len(l.leads()) != 1 {
		t.Fatalf("leads are %v, want Ines alone", l.leads())
	}

	write(jonas+"\n", start.Add(time.Second))
	if l.leads().Has(request.Person{ID: ines}) || !l.leads().Has(request.Person{ID: jonas}) {
		t.Errorf("leads are %v, want Jonas alone", l.leads())
	}

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if !l.leads().Has(request.Person{ID: jonas}) {
		t.Error("a file that is gone for a moment locked the lead out")
	}
}
