package store

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"onbehalf/bot/plaintext"
	"onbehalf/bot/request"
)

// trigram is the length from which on the indexes of infixes know a word.
const trigram = 3

// head is what "find" looks through of the ticket itself, a line for each part,
// so that nothing is found across two of them. The customer is found by the present
// name, in every spelling, and by that of when it was filed.
func head(t request.Ticket) string {
	parts := []string{
		t.Number.String(), strings.ReplaceAll(t.Number.String(), "-", ""), t.MicrosoftCase,
		t.Customer.Name, t.Customer.PrimaryDomain, t.Title, t.Description,
	}
	for _, name := range spelled(t.Customer.Name) {
		if name != plaintext.Fold(sanitizeText(t.Customer.Name)) {
			parts = append(parts, name)
		}
	}
	if t.FiledFor.Name != "" {
		parts = append(append(parts, spelled(t.FiledFor.Name)...), t.FiledFor.PrimaryDomain)
	}
	for i, part := range parts {
		parts[i] = plaintext.Fold(sanitizeText(part))
	}
	return strings.Join(parts, "\n")
}

// textKey is the column that names the ticket in ticket_texts.
func (s reads) textKey() string {
	if s.postgres {
		return "ticket"
	}
	return "rowid" // the key of a full-text table
}

func (t *tx) insertHead(ctx context.Context, of request.Ticket) error {
	return t.later(ctx, "insert words of ticket "+of.Number.String(), nil,
		"insert into ticket_texts ("+t.textKey()+", head, remarks) values (?, ?, '')", int64(of.Number), head(of))
}

func (t *tx) updateHead(ctx context.Context, n request.Number, words string) error {
	return t.later(ctx, "update words of ticket "+n.String(), nil,
		"update ticket_texts set head = ? where "+t.textKey()+" = ?", words, int64(n))
}

// addRemark adds what somebody wrote on a ticket to what is found of it.
func (t *tx) addRemark(ctx context.Context, n request.Number, text string) error {
	words := plaintext.Fold(sanitizeText(text))
	if words == "" {
		return nil
	}
	return t.later(ctx, "keep what was written on "+n.String(), nil,
		"update ticket_texts set remarks = remarks || ? where "+t.textKey()+" = ?", words+"\n", int64(n))
}

// withWords narrows tickets to those in whose text every word stands, anywhere.
func (s reads) withWords(db *gorm.DB, words []string) *gorm.DB {
	if s.postgres {
		where, args := likeAll("text", words)
		// Materialized, so that the trigrams are asked once and first, whatever the
		// planner thinks of the order that is wanted.
		return db.Where("number in (with found as materialized (select ticket from ticket_texts where "+where+") select ticket from found)", args...)
	}
	where, args := matchAll("ticket_texts", []string{"head", "remarks"}, words)
	return db.Where("number in (select rowid from ticket_texts where "+where+")", args...)
}

// likeAll is PostgreSQL's condition that every word stands in a column.
func likeAll(column string, words []string) (string, []any) {
	var conditions []string
	var args []any
	for _, word := range words {
		if !hasTrigram(word) {
			// A LIKE would ask the index all the same, and read the whole of it.
			conditions, args = append(conditions, "strpos("+column+", ?) > 0"), append(args, word)
			continue
		}
		conditions = append(conditions, column+` like ? escape '\'`)
		args = append(args, "%"+likeEscaper.Replace(word)+"%")
	}
	return strings.Join(conditions, " and "), args
}

// hasTrigram says whether PostgreSQL's index of trigrams, which knows letters and
// digits alone, can narrow down a word.
func hasTrigram(word string) bool {
	run := 0
	for _, r := range word {
		if run++; !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			run = 0
		}
		if run == trigram {
			return true
		}
	}
	return false
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// matchAll is SQLite's condition that every word stands in a table of trigrams.
// Words too short for trigrams are looked for in the text itself.
func matchAll(table string, columns, words []string) (string, []any) {
	var conditions, phrases []string
	var args []any
	for _, word := range words {
		if utf8.RuneCountInString(word) >= trigram {
			phrases = append(phrases, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
		}
	}
	if len(phrases) > 0 {
		conditions = append(conditions, table+" match ?")
		args = append(args, strings.Join(phrases, " AND "))
	}
	for _, word := range words {
		if utf8.RuneCountInString(word) < trigram {
			var within []string
			for _, column := range columns {
				within, args = append(within, "instr("+column+", ?) > 0"), append(args, word)
			}
			conditions = append(conditions, "("+strings.Join(within, " or ")+")")
		}
	}
	return strings.Join(conditions, " and "), args
}

// likeAny is likeAll for words of which each may stand in one of several spellings.
func likeAny(column string, words [][]string) (string, []any) {
	var conditions []string
	var args []any
	for _, spelled := range words {
		var any []string
		for _, s := range spelled {
			condition, more := likeAll(column, []string{s})
			any, args = append(any, condition), append(args, more...)
		}
		conditions = append(conditions, "("+strings.Join(any, " or ")+")")
	}
	return strings.Join(conditions, " and "), args
}

// matchAny is matchAll for words of which each may stand in one of several spellings.
func matchAny(table, column string, words [][]string) (string, []any) {
	var phrases, conditions []string
	var short []any
	for _, spelled := range words {
		var long []string
		for _, s := range spelled {
			if utf8.RuneCountInString(s) >= trigram {
				long = append(long, `"`+strings.ReplaceAll(s, `"`, `""`)+`"`)
			}
		}
		if len(long) == len(spelled) {
			phrases = append(phrases, "("+strings.Join(long, " OR ")+")")
			continue
		}
		var within []string
		for _, s := range spelled {
			within, short = append(within, "instr("+column+", ?) > 0"), append(short, s)
		}
		conditions = append(conditions, "("+strings.Join(within, " or ")+")")
	}
	var args []any
	if len(phrases) > 0 {
		conditions = append([]string{table + " match ?"}, conditions...)
		args = append(args, strings.Join(phrases, " AND "))
	}
	return strings.Join(conditions, " and "), append(args, short...)
}
