package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // customers live in every zone, and containers often have none

	"github.com/alecthomas/kong"
)

// Exit statuses that operators' scripts rely on.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// commands is the command line, as kong reads it.
type commands struct {
	Settings settings `embed:""`

	Demo      demoCommand    `cmd:"" help:"Try it: the whole thing on this machine, with nothing registered."`
	Serve     serveCommand   `cmd:"" help:"Bring the database up to date, then serve the bot."`
	Migrate   migrateCommand `cmd:"" help:"Bring the database up to date and exit."`
	Customers struct {
		Import importCommand    `cmd:"" help:"Add and update customers from a CSV file."`
		List   customersCommand `cmd:"" help:"Print the customers."`
		Sync   syncCommand      `cmd:"" help:"Bring customers and rights from Microsoft Graph, once (GRAPH_SYNC)."`
	} `cmd:"" help:"The customers whose problems the desk reports."`
	SLA struct {
		Due dueCommand `cmd:"" help:"Say when a first response is due, and why."`
	} `cmd:"" name:"sla" help:"Deadlines."`
	Report   reportCommand   `cmd:"" help:"Print the numbers of a period as CSV."`
	Export   exportCommand   `cmd:"" help:"Write requests with their history, a JSON object a line."`
	Backup   backupCommand   `cmd:"" help:"Copy the SQLite database while the bot runs."`
	Restore  restoreCommand  `cmd:"" help:"Put a backup in the place of the SQLite database."`
	Manifest manifestCommand `cmd:"" help:"Write the Teams app package."`
	Doctor   doctorCommand   `cmd:"" help:"Check configuration, database, signing keys, token endpoint and package."`
	Docs     docsCommand     `cmd:"" help:"Read the documents: for engineers, leads, administrators, developers."`
	Version  versionCommand  `cmd:"" help:"Print version, commit and build date."`
}

// console is what a command may read and write, so that tests can look.
type console struct {
	ctx      context.Context
	out, err io.Writer
}

// wrongUsage is an error that the person at the keyboard can mend by typing
// something else.
type wrongUsage struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run does what the arguments say and gives the exit status. It ends early when
// ctx does.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	var line commands
	helped := false
	parser, err := kong.New(&line,
		kong.Name("onbehalf"),
		kong.Description("A Teams bot for support desks that report problems to Microsoft on behalf of their customers."),
		kong.Writers(out, errOut),
		kong.Exit(func(int) { helped = true }),
		kong.ExplicitGroups([]kong.Group{{Key: "settings", Title: "Settings (environment variables, or flags of the same name):"}}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Help(help),
		kong.Bind(console{ctx: ctx, out: out, err: errOut}),
	)
	if err != nil {
		fmt.Fprintf(errOut, "onbehalf: %v\n", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if helped {
		return exitDone
	}
	if err != nil {
		fmt.Fprintf(errOut, "onbehalf: %v (try --help)\n", err)
		return exitUsage
	}
	if unread := line.Settings.readSecrets(); len(unread) > 0 {
		_, others := line.Settings.config()
		return complain(errOut, errors.Join(append(unread, others)...))
	}
	if err := parsed.Run(line.Settings); err != nil {
		return complain(errOut, err)
	}
	return exitDone
}

// complain prints in one line why a command failed, however many reasons there
// are, and gives its exit status.
func complain(w io.Writer, err error) int {
	fmt.Fprintf(w, "onbehalf: %s\n", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	if usage := (wrongUsage{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// logger writes structured lines to w as the configuration says.
func (c Config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
