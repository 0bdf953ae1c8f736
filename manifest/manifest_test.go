package manifest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"
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
	got := unzipped(t, ours)
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
