package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mit is a licence that everybody knows, in the name of one author.
func mit(author string) string {
	return "MIT License\n\nCopyright (c) 2026 " + author + `

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
}

func TestLicencesAreListedOnceWithTheirTexts(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	module := func(name string, folders ...string) *linkedModule {
		m := &linkedModule{path: name, dir: filepath.Join(root, name)}
		for _, folder := range append(folders, ".") {
			m.folders = append(m.folders, filepath.Join(m.dir, folder))
		}
		return m
	}
	write("a/LICENSE", mit("Alice"))
	write("a/NOTICE.txt", "By Alice, with Bob.")
	write("a/licence.go", "package a")
	write("a/inner/deep/LICENSE.md", mit("Bob"))
	write("a/beside/COPYING", "all rights reserved") // not linked
	write("b/License", mit("Alice"))
	all := map[string]*linkedModule{"a": module("a", "inner/deep"), "b": module("b")}
	text, err := listLicences(all)
	if err != nil {
		t.Fatal(err)
	}
	for part, times := range map[string]int{"2026 Alice": 1, "2026 Bob": 1, "with Bob.": 1, "\na\nb\n\nMIT License": 1, "all rights reserved": 0, "package a": 0, " MIT\n": 2} {
		if n := strings.Count(string(text), part); n != times {
			t.Errorf("%q stands %d times in it, want %d:\n%s", part, n, times, text)
		}
	}

	write("c/LICENSE", "You may look at it.")
	write("d/README", "no licence")
	write("e/LICENSE", `This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.`)
	for name, want := range map[string]string{"c": "c, LICENSE: only 0 % of the text", "d": "d comes without a licence", "e": "e, LICENSE: only 0 % of the text is a licence that may be linked"} {
		all[name] = module(name)
		if _, err := listLicences(all); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
		delete(all, name)
	}
}
