// Package storetest gives tests a store of their own, on each database.
package storetest
