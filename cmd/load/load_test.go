package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"testing"
)

// The limit of a test is the test binary itself.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-serve-limit") {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestOneUserFilesTicketsWhileTheLimitsTakeTurns(t *testing.T) {
	var out bytes.Buffer
	// The window ends early, but a conversation that has begun is held to its end.
	args := []string{"-users=1", "-seconds=0.2", "-warm=0", "-rounds=1", "-people=2", "-customers=3", "-database=sqlite:"}
	if err := run(t.Context(), args, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	counted := regexp.MustCompile(`onbehalf: (\d+) filings answered, (\d+) tickets: 0 lost, 0 doubled, 0 kept`).FindStringSubmatch(out.String())
	if counted == nil || counted[1] == "0" || counted[1] != counted[2] {
		t.Errorf("filings and tickets:\n%s", &out)
	}
	for _, line := range []string{
		`(?m)^ *onbehalf +1( +[\d.]+){5} +0 `, // no errors
		`(?m)^ *limit +1 .* 1\.00 `,
		`(?m)^ *limit\+bytes +1 .* 1\.00 +1\.0$`,
	} {
		if !regexp.MustCompile(line).MatchString(out.String()) {
			t.Errorf("no line %s in\n%s", line, &out)
		}
	}
}

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	for _, args := range [][]string{{"-users=0"}, {"-users=1,x"}, {"now"}, {"-database=mysql://here", "-program=/bin/true"}, {"-program=/bin/true,/bin/true"}} {
		if err := run(t.Context(), args, new(bytes.Buffer)); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
