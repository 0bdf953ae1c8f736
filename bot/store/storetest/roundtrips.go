package storetest

import (
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// RoundTrips gives another URL of a PostgreSQL database, and a count of how often
// somebody who uses that one has waited for the server: what is sent before an answer
// comes is one trip.
func RoundTrips(t testing.TB, database string) (counted string, trips *atomic.Int64) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	trips = new(atomic.Int64)
	var serving sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	server := u.Host
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { relay(client, server, trips) })
		}
	})
	u.Host = listener.Addr().String()
	return u.String(), trips
}

// relay carries a connection to the server and back, and counts when it turns round.
func relay(client net.Conn, server string, trips *atomic.Int64) {
	defer client.Close()
	conn, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	var asking atomic.Bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer client.Close()
		carry(client, conn, func() { asking.Store(false) })
	}()
	carry(conn, client, func() {
		if !asking.Swap(true) {
			trips.Add(1)
		}
	})
	conn.Close()
	<-done
}

func carry(to io.Writer, from io.Reader, moved func()) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			moved()
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
