package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "load:", err)
	os.Exit(1)
}

// options are the command line.
type options struct {
	users     []int
	seconds   float64
	warm      float64
	rounds    int
	people    int
	customers int
	database  string
	programs  string
	limit     string // run as the limit on this database instead of measuring
	metadata  string
	payload   string
}

// parse reads the command line.
func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.Func("users", "numbers of users at once, such as 1,16,64 (default 1,16)", func(s string) error {
		for one := range strings.SplitSeq(s, ",") {
			n, err := strconv.Atoi(one)
			if err != nil || n < 1 {
				return fmt.Errorf("%q is not a number of users", one)
			}
			o.users = append(o.users, n)
		}
		return nil
	})
	flags.Float64Var(&o.seconds, "seconds", 10, "how long each candidate is measured, for each number of users and round")
	flags.Float64Var(&o.warm, "warm", 1, "seconds of the same load before that")
	flags.IntVar(&o.rounds, "rounds", 3, "how often the candidates take turns")
	flags.IntVar(&o.people, "people", 1000, "whom the users speak as in turn: Teams takes two messages a second in one chat")
	flags.IntVar(&o.customers, "customers", 1000, "customers that are imported first")
	flags.StringVar(&o.database, "database", "sqlite:", "postgres://… of a server on which databases may be created, or sqlite: for files in the temporary folder")
	flags.StringVar(&o.programs, "program", "", "finished onbehalf `binaries`, comma-separated, to be compared instead of this tree's")
	flags.StringVar(&o.limit, "serve-limit", "", "internal: be the limit on this `database`")
	flags.StringVar(&o.metadata, "metadata", "", "internal: where the limit finds the signing keys")
	flags.StringVar(&o.payload, "payload", "", "internal: `file` of what the limit stores and answers")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.users == nil {
		o.users = []int{1, 16}
	}
	most := 0
	for _, n := range o.users {
		most = max(most, n)
	}
	o.people, o.customers = max(o.people, 2*most), max(o.customers, 1)
	return o, nil
}

// run measures, prints the table and verifies the tickets.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.limit != "" {
		return serveLimit(ctx, o)
	}
	folder, err := os.MkdirTemp("", "onbehalf-load-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	b, err := newBench(o, folder)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.prepare(ctx); err != nil {
		return err
	}
	if err := b.measureAll(ctx); err != nil {
		return err
	}
	if err := b.results.print(out); err != nil {
		return err
	}
	return b.verify(ctx, out)
}

// bench is one run of everything.
type bench struct {
	options
	folder     string
	teams      *fakeTeams
	people     chan *person // whoever spoke longest ago comes first
	candidates []*candidate
	results    *results
	filings    filings
	databases  []*database
	request    []byte // as long as the bot's mean request, for the limits
	sample     sample // an answer of the bot
}

// candidate is something that turns are sent to.
type candidate struct {
	name     string
	database *database
	command  func() *exec.Cmd
	talk     func(*user) error // what each user does, again and again
	bot      bool
}

func newBench(o options, folder string) (*bench, error) {
	t, err := newFakeTeams(o.people)
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, folder: folder, teams: t, people: make(chan *person, o.people), results: newResults()}
	for _, p := range t.people {
		b.people <- p
	}
	return b, nil
}

// prepare makes the candidates, each with a database that is ready: migrated,
// with the customers, and everybody known.
func (b *bench) prepare(ctx context.Context) error {
	programs := strings.FieldsFunc(b.programs, func(r rune) bool { return r == ',' })
	if len(programs) == 0 {
		built := filepath.Join(b.folder, "onbehalf")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", built, "onbehalf/cmd/onbehalf").CombinedOutput(); err != nil {
			return fmt.Errorf("build the program: %w\n%s", err, out)
		}
		programs = []string{built}
	}
	for i, path := range programs {
		if slices.Contains(programs[:i], path) {
			return fmt.Errorf("%s is named twice", path)
		}
		c, err := b.program(ctx, path, i)
		if err != nil {
			return err
		}
		b.candidates = append(b.candidates, c)
	}
	for _, name := range []string{limitName, bytesName} {
		c, err := b.limitCandidate(ctx, name)
		if err != nil {
			return err
		}
		b.candidates = append(b.candidates, c)
	}
	return nil
}

// program is a candidate of a binary.
func (b *bench) program(ctx context.Context, path string, i int) (*candidate, error) {
	db, err := b.newDatabase(ctx, fmt.Sprintf("bot%d", i))
	if err != nil {
		return nil, err
	}
	name := path
	if b.programs == "" {
		name = filepath.Base(path)
	}
	c := &candidate{name: name, database: db, bot: true, talk: b.converse}
	environment := append(b.teams.environment(), "DATABASE_URL="+db.url, "PATH="+os.Getenv("PATH"))
	c.command = func() *exec.Cmd {
		cmd := exec.Command(path, "serve", "--listen-addr=127.0.0.1:0", "--log-format=json")
		cmd.Env = environment
		return cmd
	}
	file := filepath.Join(b.folder, "customers.csv")
	if err := os.WriteFile(file, customersCSV(b.customers), 0o600); err != nil {
		return nil, err
	}
	load := exec.CommandContext(ctx, path, "customers", "import", file)
	load.Env = environment
	if out, err := load.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("import the customers: %w\n%s", err, out)
	}
	return c, b.meet(ctx, c)
}

// newDatabase makes an empty database that close drops.
func (b *bench) newDatabase(ctx context.Context, name string) (*database, error) {
	db, err := createDatabase(ctx, b.database, b.folder, name)
	if err == nil {
		b.databases = append(b.databases, db)
	}
	return db, err
}

// limitCandidate is this program itself, as the limit.
func (b *bench) limitCandidate(ctx context.Context, name string) (*candidate, error) {
	db, err := b.newDatabase(ctx, strings.ReplaceAll(name, "+", "_"))
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &candidate{name: name, database: db}
	c.talk = func(u *user) error {
		_, err := u.turn(b.request)
		return err
	}
	c.command = func() *exec.Cmd {
		args := []string{"-serve-limit", db.url, "-metadata", b.teams.metadataURL()}
		if name == bytesName {
			args = append(args, "-payload", b.payloadFile())
		}
		return exec.Command(self, args...)
	}
	return c, nil
}

func (b *bench) payloadFile() string { return filepath.Join(b.folder, "answer.json") }

// measureAll lets the candidates take turns.
func (b *bench) measureAll(ctx context.Context) error {
	for round := range b.rounds {
		for _, users := range b.users {
			for _, c := range b.candidates {
				m, err := b.measure(ctx, c, users)
				if err != nil {
					return fmt.Errorf("%s with %d users: %w", c.name, users, err)
				}
				b.results.add(c.name, users, m)
				fmt.Fprintf(os.Stderr, "round %d: %s with %d users: %.0f turns/s, %d errors\n", round+1, c.name, users, m.rate(), m.errors)
				if c == b.candidates[0] {
					if err := os.WriteFile(b.payloadFile(), b.sample.cut(m.bytesPerAnswer()), 0o600); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// verify says whether each filing that was answered is exactly one ticket.
func (b *bench) verify(ctx context.Context, out io.Writer) error {
	var failed error
	for _, c := range b.candidates {
		if !c.bot {
			continue
		}
		kept, err := c.database.titles(ctx)
		if err != nil {
			return fmt.Errorf("count the tickets: %w", err)
		}
		v := b.filings.compare(c.name, kept)
		fmt.Fprintf(out, "%s: %d filings answered, %d tickets: %d lost, %d doubled, %d kept without an answer\n", c.name, v.answered, v.tickets, v.lost, v.doubled, v.unanswered)
		if v.lost+v.doubled > 0 {
			failed = cmp.Or(failed, errors.New("filings were lost or doubled"))
		}
	}
	return failed
}

// close drops the databases and ends the fake Teams.
func (b *bench) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, db := range b.databases {
		if err := db.drop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
		}
	}
	b.teams.close()
}
