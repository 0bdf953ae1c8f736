package teams

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

var errNotObject = errors.New("not a JSON object")

// fields is one JSON object taken apart. Keys are compared letter by letter:
// encoding/json alone would let "SERVICEURL" override "serviceUrl". Each take
// removes what it understood, so what is left at the end is what we do not
// know, odd values included.
type fields map[string]json.RawMessage

func takeApart(raw []byte) (fields, error) {
	var f fields
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, err
	}
	if f == nil { // the JSON text "null"
		return nil, errNotObject
	}
	return f, nil
}

func (f fields) text(key string) string {
	var s string
	f.into(key, &s)
	return s
}

func (f fields) flag(key string) bool {
	var b bool
	f.into(key, &b)
	return b
}

// instant reads RFC 3339. Anything else stays among the unknown fields: Teams
// has sent empty strings and times without a zone.
func (f fields) instant(key string) time.Time {
	var s string
	if json.Unmarshal(f[key], &s) != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	delete(f, key)
	return t
}

func (f fields) raw(key string) json.RawMessage {
	v := f[key]
	if isNull(v) {
		return nil
	}
	delete(f, key)
	return v
}

// into decodes a field, and leaves it alone when it is absent, null or of
// another shape than dst.
func (f fields) into(key string, dst any) {
	v := f[key]
	if isNull(v) || json.Unmarshal(v, dst) != nil {
		return
	}
	delete(f, key)
}

// rest is what nobody took, nil when everything was understood.
func (f fields) rest() map[string]json.RawMessage {
	if len(f) == 0 {
		return nil
	}
	return f
}

// list decodes the elements of an array that have the right shape; a forged or
// odd element does not cost the others.
func list[T any](f fields, key string) []T {
	var raw []json.RawMessage
	f.into(key, &raw)
	var all []T
	for _, r := range raw {
		var v T
		if !isNull(r) && json.Unmarshal(r, &v) == nil {
			all = append(all, v)
		}
	}
	return all
}

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}

// merge writes known, a JSON-taggable value, as an object together with the
// fields that we do not know.
func merge(known any, extra map[string]json.RawMessage) ([]byte, error) {
	body, err := compact(known)
	if err != nil || len(extra) == 0 {
		return body, err
	}
	all := make(map[string]json.RawMessage, len(extra))
	for k, v := range extra {
		all[k] = v
	}
	var mine map[string]json.RawMessage
	if err := json.Unmarshal(body, &mine); err != nil {
		return nil, err
	}
	for k, v := range mine {
		all[k] = v
	}
	return compact(all)
}

// compact encodes without HTML escaping: "<at>" would take three times its
// length of the 28 KiB that a message may have.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// withoutNULs drops escaped NULs from JSON, and leaves a backslash that is
// followed by "u0000" as text alone. No database of ours keeps one in a text, so an
// id with a NUL would not be found again under its own name.
func withoutNULs(body []byte) []byte {
	escape := []byte(`\u0000`)
	if !bytes.Contains(body, escape) {
		return body
	}
	kept := make([]byte, 0, len(body))
	for i := 0; i < len(body); {
		switch {
		case bytes.HasPrefix(body[i:], escape):
			i += len(escape)
		case body[i] == '\\' && i+1 < len(body):
			kept = append(kept, body[i], body[i+1])
			i += 2
		default:
			kept = append(kept, body[i])
			i++
		}
	}
	return kept
}
