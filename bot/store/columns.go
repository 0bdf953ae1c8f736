package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// instant is a time as the tables keep it: Unix milliseconds, NULL for none.
type instant int64

func at(t time.Time) instant {
	if t.IsZero() {
		return 0
	}
	return instant(t.UnixMilli())
}

func (i instant) time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(i)).UTC()
}

// Value is NULL for no time.
func (i instant) Value() (driver.Value, error) {
	if i == 0 {
		return nil, nil
	}
	return int64(i), nil
}

// Scan reads a column.
func (i *instant) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*i = 0
	case int64:
		*i = instant(v)
	default:
		return fmt.Errorf("a column of instants holds %T", value)
	}
	return nil
}

// covered hides a field of an embedded struct from JSON: a field of this type
// with the same JSON name stands in front of it and is always left out. That is
// how a document leaves out what has a column.
type covered = *struct{}

// encode writes a document. Characters that PostgreSQL's jsonb refuses are left
// out.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("encode document: %w", err)
	}
	return string(withoutNULs(bytes.TrimSpace(b.Bytes()))), nil
}

// withoutNULs drops escaped NULs from JSON, and leaves a backslash that is
// followed by "u0000" as text alone.
func withoutNULs(b []byte) []byte {
	escape := []byte(`\u0000`)
	if !bytes.Contains(b, escape) {
		return b
	}
	kept := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		switch {
		case b[i] != '\\':
			kept = append(kept, b[i])
			i++
		case bytes.HasPrefix(b[i:], escape):
			i += len(escape)
		default:
			kept = append(kept, b[i], b[i+1])
			i += 2
		}
	}
	return kept
}

func decode(document string, v any) error {
	if err := json.Unmarshal([]byte(document), v); err != nil {
		return fmt.Errorf("decode document: %w", err)
	}
	return nil
}
