package store

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// packFrom is the size in bytes from which on packing a body is worth it.
const packFrom = 512

var packer = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(64<<10), zstd.WithLowerEncoderMem(true), zstd.WithEncoderConcurrency(2))
})

var unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(2))
})

// deflate packs a body of JSON, which has much that repeats, to a fifth or less. A
// small one stays as it is, and so does one that cannot be packed.
func deflate(body []byte) []byte {
	if len(body) < packFrom {
		return body
	}
	z, err := packer()
	if err != nil {
		return body
	}
	return z.EncodeAll(body, make([]byte, 0, len(body)/3))
}

// packed is how a packed body begins; no JSON does (RFC 8878 3.1.1).
var packed = []byte{0x28, 0xb5, 0x2f, 0xfd}

// inflate gives back what deflate was given.
func inflate(body []byte) ([]byte, error) {
	if !bytes.HasPrefix(body, packed) {
		return body, nil
	}
	z, err := unpacker()
	if err == nil {
		body, err = z.DecodeAll(body, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack body: %w", err)
	}
	return body, nil
}
