// Package plaintext cleans, cuts, compares and masks what people type: one line or
// several, without control characters, in one Unicode form.
//
// Start reading at Line and Lines; Fold is the form in which names are compared and
// searched, alike in both databases. Every function gives the same for its own result.
package plaintext
