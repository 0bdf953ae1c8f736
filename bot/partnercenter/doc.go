// Package partnercenter takes the events that Microsoft Partner Center posts: an admin
// relationship that was approved, terminated or has expired, and Azure fraud.
//
// [Receiver] takes one request: [Certificates] finds out whether Microsoft signed the
// body, [Parse] reads it only then, and one transaction keeps the event with what comes of
// it, so that ten deliveries at several replicas are one event. What needs Microsoft Graph
// is done later by the [Follower].
//
// A good signature proves that Microsoft sent the event to some partner, not that it was
// to this one: the body names no addressee, and whoever is a partner too can post their
// own events here. So an event is a hint. A relationship is what Graph says it is, and a
// fraud request is opened only for a subscription that a customer of ours has.
//
// partnercentertest has the sender for tests, and everybody who pretends to be it.
package partnercenter
