// Package request is the trade: what a support request on behalf of a customer is, what
// the desk may do with it, who may see it, and who hears of it. It knows nothing of Teams,
// cards or databases.
//
// Start reading at Desk, which does one unit of work per method, and at Ticket, which it
// works on. moves.go has the rules as a table, actions.go the moves, apply.go what all of
// them have in common, clocks.go the promises. Reader and Tx are what a store has to offer.
package request
