// Package teams is what Microsoft Teams sends and accepts: the Bot Framework
// wire, and nothing of the desk.
//
// Inbound, a [Verifier] checks the token of a request before its body is read,
// [Decode] makes an [Activity] of the body, and [Claims.Match] holds the two
// against each other. The typed views of what people pressed stand in
// invoke.go, and the answers to them in answers.go. Outbound, [Tokens] gets the
// bot's own token and a [Connector] creates conversations, sends, updates and
// looks up members. [Hosts] says where that token may travel.
//
// The vocabulary (activity types, accounts, references) is msbotbuilder-go's
// where that is sound; its validator, client and adapter do not run here,
// because they panic, trust too much or throw the answer away. Start reading
// with Activity.
package teams
