// Package ticket is the trade: what a support request on behalf of a customer
// is, what the desk may do with it, and the rules R1 to R47 of Microsoft's
// process. It knows nothing of Teams, cards or databases.
//
// Start reading at Desk, which does one unit of work per method; Ticket and
// Draft are what it works on, moves.go and scope.go hold the rules as tables.
package ticket
