package main

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed docs/*.md
var documents embed.FS

// docsCommand prints the documents that the program brings along.
type docsCommand struct {
	Topic string `arg:"" optional:"" help:"What to read; without one, the topics are listed."`
}

// Run prints a document, or which there are.
func (d docsCommand) Run(c console) error {
	topics, err := documentTopics()
	if err != nil {
		return err
	}
	if d.Topic == "" {
		for _, topic := range topics {
			fmt.Fprintf(c.out, "%-14s %s\n", topic.name, topic.title)
		}
		fmt.Fprint(c.out, "\nRead one with: onbehalf docs TOPIC\n")
		return nil
	}
	names := make([]string, len(topics))
	for i, topic := range topics {
		if names[i] = topic.name; strings.EqualFold(topic.name, d.Topic) {
			_, err := fmt.Fprint(c.out, topic.text)
			return err
		}
	}
	return wrongUsage{fmt.Errorf("there is no document %q; there are %s", d.Topic, strings.Join(names, ", "))}
}

// document is one of them: its name is that of its file, its title the first line.
type document struct{ name, title, text string }

// documentTopics reads all documents, in the order of their names.
func documentTopics() ([]document, error) {
	entries, err := documents.ReadDir("docs")
	if err != nil {
		return nil, err
	}
	var topics []document
	for _, entry := range entries {
		text, err := documents.ReadFile(path.Join("docs", entry.Name()))
		if err != nil {
			return nil, err
		}
		title, _, _ := strings.Cut(string(text), "\n")
		topics = append(topics, document{strings.TrimSuffix(entry.Name(), ".md"), strings.TrimLeft(title, "# "), string(text)})
	}
	return topics, nil
}
