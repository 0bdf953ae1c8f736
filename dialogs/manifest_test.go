package dialogs_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"testing"

	"onbehalf/dialogs"
	"onbehalf/manifest"
)

// TestTheMenuSaysWhatTheBotUnderstands: whatever Teams puts into the compose box from
// the app package is a command, in each language, and carries nothing that the command
// does not take.
func TestTheMenuSaysWhatTheBotUnderstands(t *testing.T) {
	for _, compatible := range []bool{false, true} {
		var file bytes.Buffer
		app := manifest.App{
			BotID: "0b7f6f7e-1f0c-4c1f-8a3e-5d1c7a9e4b21", Developer: "Desk", Compatible: compatible,
			Website: "https://d.example", Privacy: "https://d.example/p", Terms: "https://d.example/t",
		}
		if err := manifest.Write(&file, app); err != nil {
			t.Fatal(err)
		}
		pack, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Bots []struct {
				CommandLists []struct {
					Commands []struct{ Title, Type, Prompt string }
				}
			}
		}
		decode(t, pack, "manifest.json", &m)
		seen := 0
		understood := func(where, typed string) {
			seen++
			if c := dialogs.Parse(typed); !dialogs.Whole(typed) {
				t.Errorf("%s: %q is not a whole command, but %+v", where, typed, c)
			}
		}
		for _, list := range m.Bots[0].CommandLists {
			for _, c := range list.Commands {
				if c.Type == "prompt" {
					understood("manifest.json", c.Prompt)
				} else {
					understood("manifest.json", c.Title)
				}
			}
		}
		prompt := regexp.MustCompile(`^(bots\S+\.)prompt$`)
		title := regexp.MustCompile(`^(bots\S+\.)title$`)
		for _, name := range []string{"ru.json", "de.json"} {
			words := map[string]string{}
			decode(t, pack, name, &words)
			for key, typed := range words {
				if prompt.MatchString(key) {
					understood(name, typed)
				}
				if at := title.FindStringSubmatch(key); at != nil && words[at[1]+"prompt"] == "" {
					understood(name, typed)
				}
			}
		}
		if want := map[bool]int{false: 3 * 24, true: 3 * 12}[compatible]; seen != want {
			t.Errorf("compatible %t: %d commands were looked at, want %d", compatible, seen, want)
		}
	}
}

func decode(t *testing.T, pack *zip.Reader, name string, into any) {
	t.Helper()
	file, err := pack.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
