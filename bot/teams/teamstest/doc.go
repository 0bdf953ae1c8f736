// Package teamstest is a Teams that runs in a test: Microsoft's sign-in with
// its rotating keys, the connector with everything it refuses, people, and
// conversations that read like scripts.
//
// Start with New, give Env or Verifier and Connector to the bot, the bot to
// Attach, and then talk:
//
//	fake := teamstest.New(t)
//	fake.Attach(bot)
//	alice := fake.Conversation(teamstest.Personal).As("Alice")
//	form := alice.Say("/new contoso azure").ExpectCard("severity")
//	form.Fill("severity", "B").Press("intake/next").ExpectInput("title")
//
// Everything that the bot does is recorded: Events, Messages, WaitFor. Script
// trouble with Fault.
package teamstest
