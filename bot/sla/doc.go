// Package sla answers one question: when is it due, and why? It turns an instant
// and the terms of a ticket into a due time (R31 to R39), changes it when the
// terms change, lists the instants at which the bot speaks up by itself, and
// explains every minute that counted.
//
// Everything here is a pure function of its arguments: no clock, no database, no
// environment. Start reading at Policy.Start in clock.go; calendar.go has the
// arithmetic of working time, holidays.go the closed days, parse.go and
// builtin.yaml the policy, milestone.go what is said when, explain.go the why.
package sla
