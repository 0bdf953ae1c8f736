//go:build !linux

package main

import "testing"

// smallDisk is any folder: the disk is not filled.
func smallDisk(t *testing.T) (dir string, small bool) {
	t.Helper()
	t.Log("the disk is not filled here")
	return t.TempDir(), false
}
