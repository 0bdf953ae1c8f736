package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

//go:embed catalogue/*.yaml
var catalogues embed.FS

// vocabulary is one language's sentences. Those without placeholders and plural
// forms are looked up directly; matching a language each time costs more than
// all the rest.
type vocabulary struct {
	code      string
	localizer *goi18n.Localizer
	plain     map[string]string
	// counted are the keys with plural forms.
	counted map[string]bool
}

var (
	vocabularies map[string]*vocabulary
	// known has every key of every language.
	known map[string]bool
)

func init() {
	// A catalogue that can't be read is a build that can't be used, and no input
	// changes that.
	loaded, keys, err := load(catalogues)
	if err != nil {
		panic(err)
	}
	vocabularies, known = loaded, keys
}

// load reads catalogue/AREA.LANG.yaml of all areas. A key that two areas define is
// refused: the order of files must not decide.
func load(files fs.FS) (map[string]*vocabulary, map[string]bool, error) {
	sentences, err := read(files)
	if err != nil {
		return nil, nil, err
	}
	vocabularies := make(map[string]*vocabulary, len(languages))
	keys := make(map[string]bool)
	for _, code := range languages {
		bundle := goi18n.NewBundle(language.English)
		plain, counted := make(map[string]string), make(map[string]bool)
		for _, from := range []string{English, code} {
			for key, message := range sentences[from] {
				keys[key] = true
				counted[key] = len(forms(message)) > 1
				if from == code && isPlain(message) {
					plain[key] = message.Other
				}
			}
			// All at once: each call builds the bundle's matcher of languages anew.
			err := bundle.AddMessages(language.Make(from), slices.Collect(maps.Values(sentences[from]))...)
			if err != nil {
				return nil, nil, fmt.Errorf("catalogue %s: %w", from, err)
			}
		}
		vocabularies[code] = &vocabulary{
			code:      code,
			localizer: goi18n.NewLocalizer(bundle, code),
			plain:     plain,
			counted:   counted,
		}
	}
	return vocabularies, keys, nil
}

// read gives the messages by language and key.
func read(files fs.FS) (map[string]map[string]*goi18n.Message, error) {
	paths, err := fs.Glob(files, "catalogue/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	sentences := make(map[string]map[string]*goi18n.Message, len(languages))
	for _, code := range languages {
		sentences[code] = make(map[string]*goi18n.Message)
	}
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, fmt.Errorf("read catalogue: %w", err)
		}
		file, err := goi18n.ParseMessageFileBytes(text, path, map[string]goi18n.UnmarshalFunc{"yaml": yaml.Unmarshal})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		of, ok := sentences[file.Tag.String()]
		if !ok {
			return nil, fmt.Errorf("%s: the name is not AREA.LANG.yaml with one of %v", path, languages)
		}
		for _, message := range file.Messages {
			if of[message.ID] != nil {
				return nil, fmt.Errorf("%s: key %s stands in another area too", path, message.ID)
			}
			of[message.ID] = message
		}
	}
	return sentences, nil
}

// forms gives a message's sentences by their plural form.
func forms(m *goi18n.Message) map[string]string {
	all := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	for form, text := range all {
		if text == "" {
			delete(all, form)
		}
	}
	return all
}

func isPlain(m *goi18n.Message) bool {
	return len(forms(m)) == 1 && m.Other != "" && !strings.Contains(m.Other, "{{")
}
