package i18n

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

// pluralForms are those that whole numbers take in each language (CLDR).
var pluralForms = map[string][]string{
	"en": {"one", "other"},
	"de": {"one", "other"},
	"ru": {"few", "many", "one"},
}

func sentences(t testing.TB) map[string]map[string]*goi18n.Message {
	t.Helper()
	all, err := read(catalogues)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestTheLanguagesHaveTheSameKeys(t *testing.T) {
	all := sentences(t)
	for key := range known {
		for _, lang := range languages {
			if all[lang][key] == nil {
				t.Errorf("%s: %s is missing", lang, key)
			}
		}
	}
}

func TestTheLanguagesHaveTheSamePlaceholders(t *testing.T) {
	all := sentences(t)
	for key := range known {
		want := usedNames(all[English][key])
		for _, lang := range languages {
			if got := usedNames(all[lang][key]); all[lang][key] != nil && !slices.Equal(got, want) {
				t.Errorf("%s: %s has placeholders %v, English has %v", lang, key, got, want)
			}
		}
	}
}

func TestEveryPluralFormIsThere(t *testing.T) {
	for lang, messages := range sentences(t) {
		for key, message := range messages {
			all := forms(message)
			if len(all) == 1 && message.Other != "" {
				continue
			}
			delete(all, "other")
			want := slices.DeleteFunc(slices.Clone(pluralForms[lang]), func(form string) bool { return form == "other" })
			if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) || (lang != "ru" && message.Other == "") {
				t.Errorf("%s: %s has forms %v, wants %v", lang, key, slices.Sorted(maps.Keys(forms(message))), pluralForms[lang])
			}
		}
	}
}

func TestEverySentenceCanBeRead(t *testing.T) {
	for lang, messages := range sentences(t) {
		for key, message := range messages {
			for form, text := range forms(message) {
				if _, err := (placeholders{}).Parse(text, "", ""); err != nil {
					t.Errorf("%s: %s, %s: %v", lang, key, form, err)
				}
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s is blank", lang, key)
				}
			}
		}
	}
}

// TestTheProgramAndTheCataloguesAgree reads the program's own source: a call of T
// with a literal key must find it, with a value for each placeholder; and a key
// that no literal of the program names, wholly or by a prefix that ends in a dot
// or underscore, is dead.
func TestTheProgramAndTheCataloguesAgree(t *testing.T) {
	all := sentences(t)
	used := make(map[string]bool)
	prefixes := make(map[string]bool)
	files := token.NewFileSet()
	for _, path := range sources(t, "../..") {
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			continue // the compiler says it better
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if text, ok := literal(n); ok {
					used[text] = true
					if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "_") {
						prefixes[text] = true
					}
				}
			case *ast.CallExpr:
				checkCall(t, all[English], files, n)
			}
			return true
		})
	}
	for key := range known {
		if !used[key] && !slices.ContainsFunc(slices.Collect(maps.Keys(prefixes)), func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("nothing in the program names %s", key)
		}
	}
}

// checkCall looks at x.T("key", "name", value, …).
func checkCall(t *testing.T, english map[string]*goi18n.Message, files *token.FileSet, call *ast.CallExpr) {
	t.Helper()
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || method.Sel.Name != "T" || len(call.Args) == 0 {
		return
	}
	key, ok := literal(call.Args[0])
	if !ok || !strings.Contains(key, ".") {
		return
	}
	message := english[key]
	if message == nil {
		t.Errorf("%s: %s is in no catalogue", files.Position(call.Pos()), key)
		return
	}
	if call.Ellipsis.IsValid() || len(call.Args)%2 == 0 {
		return // a map or a slice of arguments: the call itself complains
	}
	given := make(map[string]bool)
	for i := 1; i < len(call.Args); i += 2 {
		name, ok := literal(call.Args[i])
		if !ok {
			return
		}
		given[name] = true
	}
	for _, name := range usedNames(message) {
		if !given[name] {
			t.Errorf("%s: %s wants a value for %s", files.Position(call.Pos()), key, name)
		}
	}
	if len(forms(message)) > 1 && !given["count"] {
		t.Errorf("%s: %s has plural forms and wants a count", files.Position(call.Pos()), key)
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// sources gives the program's Go files, tests left out: a key that only a test
// names is dead too.
func sources(t testing.TB, root string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".git")) {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatal("no source found; the test looks in the wrong place")
	}
	return paths
}

// usedNames gives the placeholders of all plural forms. "count" may be left out
// of a form ("a minute"), so it is not compared.
func usedNames(m *goi18n.Message) []string {
	if m == nil {
		return nil
	}
	found := make(map[string]bool)
	for _, text := range forms(m) {
		for _, name := range names(text) {
			found[name] = true
		}
	}
	delete(found, "count")
	return slices.Sorted(maps.Keys(found))
}
