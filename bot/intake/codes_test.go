package intake

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// codeFault says what is wrong with a code that was given out, compared with the
// table that the catalogues are written by.
func codeFault(family Family, code string, with map[string]any) string {
	for _, e := range CodeTable {
		if e.Family != family || e.Name != code {
			continue
		}
		got := slices.Sorted(maps.Keys(with))
		if want := slices.Sorted(slices.Values(e.Args)); !slices.Equal(got, want) {
			return fmt.Sprintf("%s has values %v, the table says %v", e.Key(), got, want)
		}
		return ""
	}
	return fmt.Sprintf("%s.%s is not in the table", family, code)
}

// faults of all codes in a check.
func (c Check) faults() []string {
	var all []string
	add := func(fault string) {
		if fault != "" {
			all = append(all, fault)
		}
	}
	for _, p := range c.Problems {
		add(codeFault(ProblemCode, p.Code, p.Args))
	}
	for _, w := range c.Warnings {
		add(codeFault(WarningCode, w.Code, w.Args))
	}
	for _, n := range c.Notes {
		add(codeFault(NoteCode, n.Code, n.Args))
	}
	if c.Scope != nil {
		add(codeFault(ScopeCode, c.Scope.Code, c.Scope.Args))
	}
	return all
}

func TestCodeTableIsInOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range CodeTable {
		if seen[e.Key()] {
			t.Errorf("%s is there twice", e.Key())
		}
		seen[e.Key()] = true
	}
}

// Every code of the table is given out somewhere: its name is a literal outside
// the table.
func TestEveryCodeIsInUse(t *testing.T) {
	set := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../request/*.go")
	if err != nil || len(more) == 0 {
		t.Fatal(more, err)
	}
	names = append(names, more...)
	used := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || name == "codes.go" {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					used[s] = true
				}
			}
			return true
		})
	}
	for _, e := range CodeTable {
		if !used[e.Name] {
			t.Errorf("%s is never given out", e.Key())
		}
	}
}
