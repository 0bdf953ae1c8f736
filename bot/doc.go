// Package bot is the endpoint that Teams calls. It promises that an activity is done
// once, whole or not at all, however often it is delivered and wherever a process
// dies: what came in is decided on a read, then done, answered and its messages left
// in one transaction with one commit; then comes the HTTP answer, and then the sending,
// which needs only the database.
//
// One message, "new contoso azure A VMs do not start", in ten steps:
//
//  1. Server.take (server.go) checks the token before the body is read, reads at most
//     256 KiB, decodes it once, and matches service, channel and tenant against that
//     one value.
//  2. Server.dispatch (run.go) says by the activity's type what is to be planned, and
//     whether it is to be done once.
//  3. Server.try makes a Turn and reads its Session: the delivery if it was committed
//     before, the person's settings, the conversation, the member, the open form, the
//     last contact. That is one query.
//  4. Turn.identify (people.go) finds out who speaks: from the Session while that is
//     fresh, else from Teams.
//  5. Handler.Message plans: dialogs reads the words, finds the customer, draws the
//     form's card. It changes nothing. What is to change it leaves with Turn.Do, what is
//     to be said with Turn.Reply (reply.go).
//  6. Server.commit has Store.Turn begin a transaction and runs the work in it.
//  7. The messages join their queues in the outbox. Queues that are free are leased to
//     this process in the same statement.
//  8. The delivery with its answer is the last row; commit. A second delivery that ran
//     at the same time finds it there and is rolled back.
//  9. Server.messages writes the HTTP answer.
//  10. Server.Deliver hands the leases to the outbox, which sends, and notes the ids of
//     what Teams has in one closing transaction.
//
// A turn whose ground changed between its read and its commit is planned anew. What
// failed is never stored: the next delivery runs. What Partner Center posts goes the same
// way, shorter (events.go and the package partnercenter). DECISIONS.md has the reasons and what
// was measured.
package bot
