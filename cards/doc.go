// Package cards draws everything that the bot shows as Adaptive Cards. A card is
// a function of values: no context, no clock, no database; the same values give
// the same bytes.
//
// Start reading at Card; ticket.go has the card that people see most, intake.go
// the form. text.go keeps the text of strangers away from Markdown, buttons.go
// packs buttons so that no label is cut on a phone, verbs.go names what a button
// does.
package cards
