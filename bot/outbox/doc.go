// Package outbox is the only way out to Teams: what is to be sent is a row, left
// in the transaction that decided it, and stays one until Teams has it.
//
// A queue is one conversation with all its threads, or the personal chat of one
// person. At most one message of a queue is on its way, whichever replica sends:
// who holds the queue's lease. The process that left a message holds the lease
// from the same statement on and sends right after the commit; what it cannot send
// now, and what a process that died has left, is found by [Sender.Run] of any
// replica. A message whose answer was lost is sent again, so it may appear twice in
// Teams; it is never left out.
//
// Within a queue answers go first, then severity A, then the others as they were
// committed; two messages about the same request or the same card never change
// places (order.go). Teams' limits for a conversation belong to the queue's row
// (window.go), the share of a tenant is taken in blocks (pace.go).
//
// Start reading at Message and Sender, then send.go; failed.go says what each
// refusal of Teams means.
package outbox
