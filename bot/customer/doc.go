// Package customer knows the tenants whose problems the desk reports: what is on record
// about them, how that record is read from a file, and which pages of Microsoft's portals
// open in their context (R1, R9, R12, R41, R46).
//
// Start reading at Customer. ReadCustomers and Import.Plan read and compare files of
// customers, NewRequestLink and its neighbours give links, ParseGUID and ParseDomain read
// what customers are recognised by. Nothing here knows of requests, people or databases.
package customer
