package main

import (
	"syscall"
	"testing"
)

// smallDisk is a folder on a disk of its own that is soon full, where this user may mount
// one; elsewhere it is any folder, and the disk is not filled.
func smallDisk(t *testing.T) (dir string, small bool) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("onbehalf", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Logf("the disk is not filled here: %v", err)
		return dir, false
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, true
}
