// Package notify is what happens without anybody asking: milestones fire, cards
// are redrawn, people hear of what concerns them.
//
// It starts from the database alone and keeps nothing of its own. Two loops do
// the work, in every replica at once. The [Sweeper] finds the tickets that are
// due, writes their milestones down and leaves notices. The [Lanes] take the
// notices, one conversation at a time, look at the ticket as it is by then, and
// bring it to Teams. Start reading with store.go, which says what is kept, then
// sweep.go, lanes.go and deliver.go.
package notify
