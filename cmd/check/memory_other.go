//go:build !linux

package main

// inMemory is empty: only Linux has such a folder everywhere.
func inMemory() string { return "" }
