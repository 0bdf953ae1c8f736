// Package i18n has the words and the times of everything that people read, in
// English, Russian and German.
//
// Start reading at Words: one reader's language and zone. The sentences stand in
// catalogue/AREA.LANG.yaml, keys and placeholders ("{{.name}}") alike in all
// three languages; bundle.go loads them, time.go and duration.go write times and
// spans.
package i18n
