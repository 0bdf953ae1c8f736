package sla

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// field is a key that a mapping may have, and what reads its value.
type field struct {
	key  string
	read func(value *yaml.Node)
}

// mapping reads the keys of a mapping in the file's order. A key that is not
// known, or given twice, is a problem.
func (r *reader) mapping(n *yaml.Node, where string, fields []field) {
	n = resolve(n)
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	if n.Kind != yaml.MappingNode {
		r.complain(n, "%s must be a mapping; write its keys below it: %s", where, strings.Join(keys, ", "))
		return
	}
	for key, value := range r.pairs(n, where) {
		i := slices.Index(keys, key.Value)
		if i < 0 || key.Kind != yaml.ScalarNode {
			r.complain(key, "%s: unknown key %q; write one of %s", where, key.Value, strings.Join(keys, ", "))
			continue
		}
		fields[i].read(value)
	}
}

// pairs gives the keys and values of a mapping, each key once.
func (r *reader) pairs(n *yaml.Node, where string) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		lines := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := resolve(n.Content[i])
			if line, twice := lines[key.Value]; twice {
				r.complain(n.Content[i], "%s: %q stands in line %d already; write it once", where, key.Value, line)
				continue
			}
			lines[key.Value] = n.Content[i].Line
			if !yield(key, n.Content[i+1]) {
				return
			}
		}
	}
}

// list gives the items of a sequence; example shows how one is written.
func (r *reader) list(n *yaml.Node, where, example string) []*yaml.Node {
	n = resolve(n)
	if n.Kind != yaml.SequenceNode {
		r.complain(n, "%s must be a list; write %s", where, example)
		return nil
	}
	return n.Content
}

// scalar gives a single value, or complains and gives nothing.
func (r *reader) scalar(n *yaml.Node, example string) string {
	n = resolve(n)
	if n.Kind != yaml.ScalarNode {
		r.complain(n, "one value stands here, no list and no mapping; write %s", example)
		return ""
	}
	if strings.TrimSpace(n.Value) == "" || isNull(n) {
		r.complain(n, "a value is missing here; write %s", example)
		return ""
	}
	return strings.TrimSpace(n.Value)
}

// word reads one of a few words.
func (r *reader) word(n *yaml.Node, where string, words ...string) string {
	said := r.scalar(n, "one of "+strings.Join(words, ", "))
	if said != "" && !slices.Contains(words, said) {
		r.complain(n, "%s: %q is not known; write one of %s", where, said, strings.Join(words, ", "))
	}
	return said
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
