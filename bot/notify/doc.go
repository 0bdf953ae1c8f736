// Package notify is what happens without anybody asking: milestones fire, cards are
// redrawn, people hear of what concerns them.
//
// The [Sweeper] finds the tickets that are due, writes their milestones down once for
// ever, and leaves a notice for each place that shall hear of it (recipients.go). The
// [Renderer] writes what a notice says when the outbox sends it, by the ticket as it is
// then, and finds the next place for what cannot be delivered (fallback.go). Start
// reading with sweep.go and render.go.
package notify
