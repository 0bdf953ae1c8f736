// Package manifest builds the Teams app package: the zip that an administrator
// uploads. manifest.json holds everything that is the same for every desk;
// Write fills in the rest.
package manifest
