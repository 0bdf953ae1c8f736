package storetest

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// PgBouncer starts pgbouncer in a mode, "transaction" or "statement", before the database at address, with
// three connections to it, and gives the address that leads through it. It ends with the
// test, which is skipped where there is no pgbouncer.
func PgBouncer(t testing.TB, address, mode string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // Debian keeps it out of PATH
		if _, err := os.Stat(program); err != nil {
			t.Skip("pgbouncer is not installed")
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server := fmt.Sprintf("host=%s port=%s user=%s", u.Hostname(), u.Port(), u.User.Username())
	if password, some := u.User.Password(); some {
		server += " password=" + password
	}
	file := filepath.Join(t.TempDir(), "pgbouncer.ini")
	if err := os.WriteFile(file, fmt.Appendf(nil, `[databases]
* = %s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = %s
default_pool_size = 3
`, server, port, mode), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{file}
	if os.Geteuid() == 0 {
		args = append(args, "-u", "postgres") // it does not run as root
	}
	cmd := exec.Command(program, args...)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil { // the port is pgbouncer's now
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	all := bufio.NewScanner(said)
	var lines []string
	up := false
	for !up && all.Scan() {
		lines = append(lines, all.Text())
		up = strings.Contains(all.Text(), "process up")
	}
	ended := make(chan struct{})
	go func() { // what it says further is read away
		defer close(ended)
		for all.Scan() {
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
		_ = cmd.Wait() // it was killed
	})
	if !up {
		t.Fatalf("pgbouncer does not start:\n%s", strings.Join(lines, "\n"))
	}
	u.Host = "127.0.0.1:" + port
	return u.String()
}
