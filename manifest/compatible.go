package manifest

import (
	"fmt"
	"maps"
	"strings"
)

// compatibleVersion is the schema of a compatible package: the newest that the clouds
// which lag behind take.
const compatibleVersion = "1.25"

// makeCompatible takes out of a manifest what 1.25 does not know: targeted messages,
// slash commands, prompts. A prompt becomes the command that it would have put into the
// compose box, so that the menu still has it; commands for the slash alone go.
func makeCompatible(m object) {
	m["$schema"] = olderSchema(m["$schema"])
	m["manifestVersion"] = compatibleVersion
	for _, bot := range objects(m, "bots") {
		delete(bot, "supportsTargetedMessages")
		var lists []any
		for _, list := range objects(bot, "commandLists") {
			if onlySlash(list) {
				continue
			}
			delete(list, "triggers")
			for _, command := range objects(list, "commands") {
				if prompt, ok := command["prompt"]; ok {
					command["title"] = prompt
				}
				delete(command, "type")
				delete(command, "prompt")
			}
			lists = append(lists, list)
		}
		bot["commandLists"] = lists
	}
	for _, extension := range objects(m, "composeExtensions") {
		for _, command := range objects(extension, "commands") {
			delete(command, "triggers")
		}
	}
}

func olderSchema(address any) string {
	text, _ := address.(string)
	return strings.Replace(text, "/v1.30/", "/v"+compatibleVersion+"/", 1)
}

func onlySlash(list object) bool {
	triggers, _ := list["triggers"].([]any)
	return len(triggers) == 1 && triggers[0] == "slash"
}

// commandPaths are where the words of a manifest's bot commands stand in a language
// file.
type commandPaths struct {
	prompts   []string // commands that are prompts
	slashOnly []string // lists that a compatible package does not have
}

// pathsOf finds them in a manifest that is not made compatible yet.
func pathsOf(m object) (found commandPaths) {
	for i, bot := range objects(m, "bots") {
		for j, list := range objects(bot, "commandLists") {
			path := fmt.Sprintf("bots[%d].commandLists[%d].", i, j)
			if onlySlash(list) {
				found.slashOnly = append(found.slashOnly, path)
			}
			for k, command := range objects(list, "commands") {
				if command["type"] == "prompt" {
					found.prompts = append(found.prompts, fmt.Sprintf("%scommands[%d].", path, k))
				}
			}
		}
	}
	return found
}

// makeWordsCompatible does with a language file what makeCompatible does with the
// manifest. Lists for the slash stand behind the others, so no index changes.
func makeWordsCompatible(words object, paths commandPaths) {
	words["$schema"] = olderSchema(words["$schema"])
	for _, path := range paths.prompts {
		words[path+"title"] = words[path+"prompt"]
		delete(words, path+"prompt")
	}
	for _, path := range paths.slashOnly {
		maps.DeleteFunc(words, func(key string, _ any) bool { return strings.HasPrefix(key, path) })
	}
}
