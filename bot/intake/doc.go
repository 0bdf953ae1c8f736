// Package intake is the form that a request is filed by: what is asked, what is wrong or
// worth knowing about the answers, and what a complete form becomes, by the rules R1 to
// R47 of Microsoft's process.
//
// Start reading at Desk: NewDraft begins a form, Check reads it, Open files it. Draft and
// Answers are what is typed, form.go gives that a meaning, warnings.go and scope.go hold
// the rules of several answers together; CodeTable lists every sentence that people get.
package intake
