package store

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestABodyComesBackAsItWasPacked(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 4*packFrom)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for name, body := range map[string][]byte{
		"none": nil, "small": []byte(`{"a":1}`), "a card": []byte(`{"body":[` + strings.Repeat(`{"type":"TextBlock","text":"почта"},`, 200) + `{}]}`),
		"just big enough": bytes.Repeat([]byte("x"), packFrom), "just too small": bytes.Repeat([]byte("x"), packFrom-1), "noise": append([]byte(`"`), noise...),
	} {
		kept := deflate(body)
		if len(body) < packFrom && !bytes.Equal(kept, body) {
			t.Errorf("%s: a small one was packed", name)
		}
		if name == "a card" && len(kept) > len(body)/5 {
			t.Errorf("%s: %d of %d bytes are left", name, len(kept), len(body))
		}
		got, err := inflate(kept)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(body), err)
		}
	}
	if _, err := inflate(append(bytes.Clone(packed), "broken"...)); err == nil {
		t.Error("something broken was unpacked")
	}
}
