// Command onbehalf is the bot, its demo and the tools of its operator, in one
// binary. main reads flags and environment; serve.go puts the parts together;
// every other command is a file of its own.
package main
