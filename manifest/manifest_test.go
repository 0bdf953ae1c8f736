package manifest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var ours = App{
	BotID: "0b7f6f7e-1f0c-4c1f-8a3e-5d1c7a9e4b21", Version: "1.2.3", Developer: "Nordwind Cloud",
	Website: "https://onbehalf.example.org", Privacy: "https://onbehalf.example.org/privacy", Terms: "https://onbehalf.example.org/terms",
}

// unzipped gives the package's files by name.
func unzipped(t testing.TB, a App) map[string][]byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, a); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		got[f.Name] = content.Bytes()
	}
	return got
}

func TestPackageHoldsEveryFileAtItsRoot(t *testing.T) {
	got := unzipped(t, ours)
	for _, name := range []string{"manifest.json", "color.png", "outline.png", "ru.json", "de.json"} {
		if len(got[name]) == 0 {
			t.Errorf("%s is missing or empty", name)
		}
	}
	if len(got) != 5 {
		t.Errorf("the package holds %d files, want 5", len(got))
	}
}

func TestPackageCarriesTheBotsOwnData(t *testing.T) {
	var m struct {
		ID, Version string
		Developer   map[string]string
		Bots        []struct{ BotID string }
		Extensions  []struct{ BotID string } `json:"composeExtensions"`
	}
	if err := json.Unmarshal(unzipped(t, ours)["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != ours.BotID || m.Version != "1.2.3" || m.Bots[0].BotID != ours.BotID || m.Extensions[0].BotID != ours.BotID {
		t.Errorf("ids or version are not those of the app: %+v", m)
	}
	if m.Developer["name"] != ours.Developer || m.Developer["privacyUrl"] != ours.Privacy {
		t.Errorf("developer is %v", m.Developer)
	}
}

func TestSameAppGivesTheSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	if err := Write(&a, ours); err != nil {
		t.Fatal(err)
	}
	if err := Write(&b, ours); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two packages of the same app differ")
	}
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, App{BotID: "me", Version: "one", Developer: strings.Repeat("x", 33), Website: "http://x.example", Privacy: "https://", Terms: "::"})
	if err == nil {
		t.Fatal("a package without a bot was written")
	}
	if n := len(strings.Split(err.Error(), "\n")); n != 6 {
		t.Errorf("%d problems reported, want 6:\n%v", n, err)
	}
	if b.Len() != 0 {
		t.Errorf("%d bytes were written all the same", b.Len())
	}
}

func TestIconsHaveTheSizesThatTeamsWants(t *testing.T) {
	got := unzipped(t, ours)
	for name, side := range map[string]int{"color.png": 192, "outline.png": 32} {
		img, err := png.Decode(bytes.NewReader(got[name]))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() != side || b.Dy() != side {
			t.Errorf("%s is %dx%d, want %d", name, b.Dx(), b.Dy(), side)
		}
	}
	outline, err := png.Decode(bytes.NewReader(got["outline.png"]))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, alpha := outline.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the outline icon's corner is not transparent")
	}
}

// TestLanguagesTranslateEveryWord walks each key of a language file into the
// manifest and counts that both languages carry the same keys.
func TestLanguagesTranslateEveryWord(t *testing.T) {
	for _, compatible := range []bool{false, true} {
		t.Run(fmt.Sprintf("compatible=%t", compatible), func(t *testing.T) {
			app := ours
			app.Compatible = compatible
			everyWordIsTranslated(t, unzipped(t, app))
		})
	}
}

func everyWordIsTranslated(t *testing.T, got map[string][]byte) {
	var m map[string]any
	if err := json.Unmarshal(got["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{}
	for _, file := range []string{"ru.json", "de.json"} {
		var words map[string]string
		if err := json.Unmarshal(got[file], &words); err != nil {
			t.Fatal(err)
		}
		for key, word := range words {
			if key == "$schema" {
				continue
			}
			keys[key] = append(keys[key], file)
			english, ok := at(m, key)
			if !ok {
				t.Errorf("%s: %s names nothing in the manifest", file, key)
			}
			if limit := limitOf(key); len([]rune(word)) > limit || word == "" {
				t.Errorf("%s: %s has %d characters, Teams takes 1 to %d", file, key, len([]rune(word)), limit)
			}
			if len([]rune(english)) > limitOf(key) {
				t.Errorf("manifest.json: %s has %d characters, Teams takes %d", key, len([]rune(english)), limitOf(key))
			}
		}
	}
	for key, in := range keys {
		if len(in) != 2 {
			t.Errorf("%s stands only in %v", key, in)
		}
	}
	for i, list := range objects(objects(m, "bots")[0], "commandLists") {
		for j := range objects(list, "commands") {
			if key := fmt.Sprintf("bots[0].commandLists[%d].commands[%d].title", i, j); len(keys[key]) != 2 {
				t.Errorf("%s is not translated", key)
			}
		}
	}
}

// TestSixPromptsInEveryLanguage: what people ask for most is one press away.
func TestSixPromptsInEveryLanguage(t *testing.T) {
	got := unzipped(t, ours)
	for file, want := range map[string][]string{
		"ru.json": {"новый", "срок", "список мои", "список свободные", "отчёт неделя", "помощь"},
		"de.json": {"neu", "frist", "liste meine", "liste frei", "bericht woche", "hilfe"},
	} {
		var words map[string]string
		if err := json.Unmarshal(got[file], &words); err != nil {
			t.Fatal(err)
		}
		for i, prompt := range want {
			if key := fmt.Sprintf("bots[0].commandLists[0].commands[%d].prompt", i); words[key] != prompt {
				t.Errorf("%s: %s is %q, not %q", file, key, words[key], prompt)
			}
		}
	}
}

// TestACompatiblePackageKeepsTheMenu: the prompts become the commands that they
// stand for, in all languages, and nothing of the newer schema is left.
func TestACompatiblePackageKeepsTheMenu(t *testing.T) {
	app := ours
	app.Compatible = true
	got := unzipped(t, app)
	for name, unwanted := range map[string][]string{
		"manifest.json": {"1.30", "triggers", `"prompt"`, "supportsTargetedMessages", `"slash"`},
		"ru.json":       {"1.30", "prompt", "commandLists[1]"},
		"de.json":       {"1.30", "prompt", "commandLists[1]"},
	} {
		for _, word := range unwanted {
			if bytes.Contains(got[name], []byte(word)) {
				t.Errorf("%s has %s, which 1.25 does not know", name, word)
			}
		}
	}
	for name, wanted := range map[string]string{"manifest.json": `"title": "list unassigned"`, "ru.json": `.title": "список свободные"`, "de.json": `.title": "liste frei"`} {
		if !bytes.Contains(got[name], []byte(wanted)) {
			t.Errorf("%s has no %s", name, wanted)
		}
	}
}

func TestLinksAreShownForTheHostOfThisDesk(t *testing.T) {
	app := ours
	if text := unzipped(t, app)["manifest.json"]; bytes.Contains(text, []byte("messageHandlers")) {
		t.Error("a bot without links asks for some")
	}
	app.Host = "desk.nordwind.example"
	var m struct {
		ValidDomains      []string
		ComposeExtensions []struct{ MessageHandlers []any }
	}
	if err := json.Unmarshal(unzipped(t, app)["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{"type": "link", "value": map[string]any{"domains": []any{"desk.nordwind.example"}, "supportsAnonymizedPayloads": false}}}
	if diff := cmp.Diff(want, m.ComposeExtensions[0].MessageHandlers); diff != "" || !slices.Equal(m.ValidDomains, []string{"desk.nordwind.example"}) {
		t.Errorf("%v\n%s", m.ValidDomains, diff)
	}
	for _, host := range []string{"localhost", "10.0.0.7", "desk.example:8443", "*.example.org"} {
		app.Host = host
		if app.Check() == nil {
			t.Errorf("%s can stand in a package", host)
		}
	}
}

func TestComparingNamesWhatDiffers(t *testing.T) {
	write := func(a App) []byte {
		t.Helper()
		var b bytes.Buffer
		if err := Write(&b, a); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, compatible := range []bool{false, true} {
		app := ours
		app.Compatible = compatible
		other := ours
		other.Version, other.Developer, other.Website = "9.9.9", "Another", "https://another.example"
		found, err := Compare(write(app), other)
		if err != nil || len(found.Differences) > 0 || found.Version != "1.2.3" || found.Placeholders {
			t.Errorf("compatible %t: %+v, %v", compatible, found, err)
		}
	}
	moved := ours
	moved.BotID, moved.Host = "1b7f6f7e-1f0c-4c1f-8a3e-5d1c7a9e4b21", "desk.nordwind.example"
	found, err := Compare(write(ours), moved)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(found.Differences, "\n")
	for _, want := range []string{
		`manifest.json: id is "` + ours.BotID + `", it should be "` + moved.BotID + `"`,
		"manifest.json: bots[0].botId is",
		"manifest.json: composeExtensions[0].messageHandlers is missing",
		`manifest.json: validDomains[0] is missing, it should be "desk.nordwind.example"`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not named in\n%s", want, all)
		}
	}
	for name, file := range map[string][]byte{"text": []byte("hello"), "empty": zipOf(t, nil), "odd": zipOf(t, map[string]string{"manifest.json": "{"})} {
		if _, err := Compare(file, ours); err == nil {
			t.Errorf("%s is taken for a package", name)
		}
	}
	odd := zipOf(t, map[string]string{"manifest.json": "{}", "de.json": "[", "more.txt": "x"})
	if found, err = Compare(odd, ours); err != nil {
		t.Fatal(err)
	}
	all = strings.Join(found.Differences, "\n")
	for _, want := range []string{"color.png is missing", "de.json is not JSON", "more.txt is there too much", "manifest.json: icons is missing"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not named in\n%s", want, all)
		}
	}
}

// TestEveryFieldThatDiffersIsNamed changes and takes out each value of each file of the
// package, for both schemas: the comparison has one line for it, which names it.
func TestEveryFieldThatDiffersIsNamed(t *testing.T) {
	// The desk's own to choose, and what says which of the schemas a package is for.
	free := regexp.MustCompile(`^manifest\.json: (version|manifestVersion|developer(\..*)?)$`)
	for _, compatible := range []bool{false, true} {
		app := ours
		app.Host, app.Compatible = "desk.nordwind.example", compatible
		files := unzipped(t, app)
		differing := func(name string, root any) []string {
			texts := map[string]string{}
			for other, content := range files {
				texts[other] = string(content)
			}
			changed, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(changed)
			found, err := Compare(zipOf(t, texts), app)
			if err != nil {
				t.Fatal(err)
			}
			return found.Differences
		}
		fields := 0
		for _, name := range []string{"manifest.json", "ru.json", "de.json"} {
			var root any
			if err := json.Unmarshal(files[name], &root); err != nil {
				t.Fatal(err)
			}
			var walk func(path string, v any, set func(any))
			walk = func(path string, v any, set func(any)) {
				switch v := v.(type) {
				case map[string]any:
					for _, key := range slices.Sorted(maps.Keys(v)) {
						was := v[key]
						walk(strings.TrimPrefix(path+"."+key, "."), was, func(now any) { v[key] = now })
						v[key] = was
						if delete(v, key); was != nil && !free.MatchString(name+": "+strings.TrimPrefix(path+"."+key, ".")) {
							want := name + ": " + strings.TrimPrefix(path+"."+key, ".") + " is missing"
							if got := differing(name, root); len(got) != 1 || !strings.HasPrefix(got[0], want) {
								t.Errorf("without %s.%s: %q", path, key, got)
							}
						}
						v[key] = was
					}
				case []any:
					for i, was := range v {
						walk(path+"["+strconv.Itoa(i)+"]", was, func(now any) { v[i] = now })
						v[i] = was
					}
				default:
					if free.MatchString(name + ": " + path) {
						return
					}
					fields++
					set("changed")
					if got := differing(name, root); len(got) != 1 || !strings.HasPrefix(got[0], name+": "+path+` is "changed", it should be `) {
						t.Errorf("%s of %s was changed: %q", path, name, got)
					}
				}
			}
			walk("", root, nil)
		}
		if fields < 100 {
			t.Errorf("%d fields", fields)
		}
		for name := range files {
			texts := map[string]string{}
			for other, content := range files {
				texts[other] = string(content)
			}
			delete(texts, name)
			if found, err := Compare(zipOf(t, texts), app); name != "manifest.json" && (err != nil || !slices.Equal(found.Differences, []string{name + " is missing"})) {
				t.Errorf("without %s: %q, %v", name, found.Differences, err)
			}
		}
	}
}

// zipOf is a zip file of texts.
func zipOf(t *testing.T, texts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range texts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func limitOf(key string) int {
	switch {
	case key == "name.short":
		return 30
	case key == "name.full":
		return 100
	case key == "description.short":
		return 80
	case strings.HasPrefix(key, "bots") && strings.HasSuffix(key, "title"):
		return 128
	case strings.HasPrefix(key, "composeExtensions") && strings.HasSuffix(key, "title"):
		return 32
	case strings.HasPrefix(key, "composeExtensions"):
		return 128
	}
	return 4000
}

var step = regexp.MustCompile(`^([^\[]+)(?:\[(\d+)\])?$`)

// at follows a path such as bots[0].commandLists[1].commands[2].title.
func at(v any, path string) (string, bool) {
	for part := range strings.SplitSeq(path, ".") {
		found := step.FindStringSubmatch(part)
		object, ok := v.(map[string]any)
		if found == nil || !ok {
			return "", false
		}
		v = object[found[1]]
		if found[2] != "" {
			list, ok := v.([]any)
			i, _ := strconv.Atoi(found[2])
			if !ok || i >= len(list) {
				return "", false
			}
			v = list[i]
		}
	}
	s, ok := v.(string)
	return s, ok
}
