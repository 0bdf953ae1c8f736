package intake

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"onbehalf/bot/customer/customertest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testSources gives the source of every test function of this package, and of
// those whose name begins with their package, such as "dialogs.TestX", of the
// packages that show a rule to people.
func testSources(t *testing.T) map[string]string {
	t.Helper()
	sources := map[string]string{}
	for prefix, folder := range map[string]string{"": ".", "customer.": "../customer", "request.": "../request", "sla.": "../sla", "cards.": "../../cards", "dialogs.": "../../dialogs"} {
		readTests(t, sources, prefix, folder)
	}
	return sources
}

func readTests(t *testing.T, sources map[string]string, prefix, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", folder, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				sources[prefix+f.Name.Name] = string(text[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset])
			}
		}
	}
}

func TestEveryRuleHasATestThatNamesItOrAReason(t *testing.T) {
	var want []string
	for _, family := range []struct {
		letter string
		last   int
	}{{"R", 47}, {"E", 12}, {"T", 17}} {
		for i := range family.last {
			want = append(want, fmt.Sprintf("%s%d", family.letter, i+1))
		}
	}
	sources := testSources(t)
	for i, rule := range ProcessRules {
		if i >= len(want) || rule.ID != want[i] {
			t.Fatalf("rule %d is %s; the table holds R1 to R47, E1 to E12 and T1 to T17 in order", i, rule.ID)
		}
		if (rule.Test == "") == (rule.Reason == "") || rule.Says == "" {
			t.Errorf("%s needs a test or a reason: %+v", rule.ID, rule)
		}
		if rule.Test == "" {
			continue
		}
		source, ok := sources[rule.Test]
		named := regexp.MustCompile(`(^|[^A-Za-z0-9])` + rule.ID + `($|[^0-9])`)
		if !ok || !named.MatchString(strings.ReplaceAll(source, "_", " ")) {
			t.Errorf("%s is not named by %s", rule.ID, rule.Test)
		}
	}
	if len(ProcessRules) != len(want) {
		t.Errorf("%d rules, want %d", len(ProcessRules), len(want))
	}
}

func TestCriteria(t *testing.T) {
	// E4, E5, E6, E7, E8 in the order of the form.
	for _, criterion := range []string{"not_as_described", "unavailable", "bug", "network", "regional"} {
		a := complete()
		a.Criterion = criterion
		if c := checkForm(a, customertest.Contoso()); !c.Complete() || len(c.Warnings) > 0 {
			t.Errorf("%s: problems %v, warnings %v", criterion, codesOf(c.Problems), c.Warnings)
		}
	}
}
