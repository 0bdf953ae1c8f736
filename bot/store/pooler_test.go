package store_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"onbehalf/bot/store"
)

// pooler is pgbouncer with one connection to the server: in transaction mode all
// clients share its prepared statements. Each query gives one row with the number 1.
type pooler struct {
	session  bool // each client has a connection of its own
	mu       sync.Mutex
	prepared map[string]bool
}

func openPooler(t *testing.T, session bool) (*pooler, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pooler{session: session, prepared: map[string]bool{}}
	var clients sync.WaitGroup
	t.Cleanup(func() { l.Close(); clients.Wait() })
	clients.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			clients.Go(func() { p.serve(conn) })
		}
	})
	return p, "postgres://me:s3cret@" + l.Addr().String() + "/db?sslmode=disable"
}

// parse is the error with which the server refuses to prepare a statement, or nil.
func (p *pooler) parse(client, name string) *pgproto3.ErrorResponse {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name != "" && p.prepared[client+name] {
		return &pgproto3.ErrorResponse{Severity: "ERROR", Code: "42P05", Message: `prepared statement "` + name + `" already exists`}
	}
	p.prepared[client+name] = true
	return nil
}

// find is the error with which the server refuses to run a statement, or nil.
func (p *pooler) find(client, name string) *pgproto3.ErrorResponse {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.prepared[client+name] {
		return &pgproto3.ErrorResponse{Severity: "ERROR", Code: "26000", Message: `prepared statement "` + name + `" does not exist`}
	}
	return nil
}

// forget is what happens when the server's connection is replaced.
func (p *pooler) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.prepared)
}

// names are the statements that are prepared under a name.
func (p *pooler) names() (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.prepared {
		if name != "" {
			all = append(all, name)
		}
	}
	return all
}

func (p *pooler) serve(conn net.Conn) {
	defer conn.Close()
	client := ""
	if p.session {
		client = conn.RemoteAddr().String()
	}
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	row := &pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("one"), DataTypeOID: 20, DataTypeSize: 8, TypeModifier: -1}}}
	var failed *pgproto3.ErrorResponse
	for b.Flush() == nil {
		message, err := b.Receive()
		if err != nil {
			return
		}
		if _, sync := message.(*pgproto3.Sync); failed != nil && !sync {
			continue
		}
		switch m := message.(type) {
		case *pgproto3.Parse:
			if failed = p.parse(client, m.Name); failed == nil {
				b.Send(&pgproto3.ParseComplete{})
			}
		case *pgproto3.Describe:
			if m.ObjectType == 'S' {
				b.Send(&pgproto3.ParameterDescription{})
			}
			b.Send(row)
		case *pgproto3.Bind:
			if failed = p.find(client, m.PreparedStatement); failed == nil {
				b.Send(&pgproto3.BindComplete{})
			}
			row.Fields[0].Format = 0
			if len(m.ResultFormatCodes) > 0 {
				row.Fields[0].Format = m.ResultFormatCodes[0]
			}
		case *pgproto3.Execute:
			value := []byte("1")
			if row.Fields[0].Format == 1 {
				value = []byte{0, 0, 0, 0, 0, 0, 0, 1}
			}
			b.Send(&pgproto3.DataRow{Values: [][]byte{value}})
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
		case *pgproto3.Query:
			b.Send(&pgproto3.EmptyQueryResponse{})
			b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		case *pgproto3.Close:
			b.Send(&pgproto3.CloseComplete{})
		case *pgproto3.Terminate:
			return
		case *pgproto3.Sync:
			b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
			failed = nil
		}
		if failed != nil {
			b.Send(failed)
		}
	}
}

// TestPoolerInTransactionMode is noticed, by the first process and by the one that finds
// what it left, and then nothing is prepared; the setting of the driver says the same.
func TestPoolerInTransactionMode(t *testing.T) {
	p, url := openPooler(t, false)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, address := range []string{url, url, url + "&default_query_exec_mode=exec"} {
		s, err := store.Open(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		p.forget()
		_ = s.Ping(ctx) // the server has no tables
		if names := p.names(); !s.Unprepared || len(names) > 0 {
			t.Errorf("unprepared %v, and prepared are %q", s.Unprepared, names)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPoolerThatComesLater stands before a server that a running process uses.
func TestPoolerThatComesLater(t *testing.T) {
	p, url := openPooler(t, true)
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_ = s.Ping(t.Context()) // prepares its statements; the server has no tables
	p.forget()
	oneLineWith(t, s.Ping(t.Context()), "pgbouncer", "default_query_exec_mode=exec", "26000")
}
