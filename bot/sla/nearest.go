package sla

import (
	"math"
	"strings"

	edlib "github.com/hbollon/go-edlib"
)

// Nearest gives the known word that differs least from what was written, the first
// of several. It looks at the end of names such as "Europe/Berlin" too, so that
// "Berlin" finds it.
func Nearest(written string, known []string) string {
	written = strings.ToLower(written)
	best, least := "", math.MaxInt
	for _, word := range known {
		lower := strings.ToLower(word)
		distance := 2 * edlib.OSADamerauLevenshteinDistance(written, lower)
		if end := lower[strings.LastIndex(lower, "/")+1:]; end != lower {
			distance = min(distance, 2*edlib.OSADamerauLevenshteinDistance(written, end)+1)
		}
		if distance < least {
			best, least = word, distance
		}
	}
	return best
}
