// Package dialogs is what we say to whom: it turns words and presses into what
// the desk does, and what the desk answers into words and cards.
//
// Start reading at the two tables, commands and verbs; each entry is a function
// that reads like the sentence it stands for. command.go takes typed words apart,
// intake.go leads through the form, failure.go says in words what went wrong.
// Nothing is kept between two turns but rows of the database.
package dialogs
