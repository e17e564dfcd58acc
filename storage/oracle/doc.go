// Package oracle holds the documents of fazt/storage to a second, foreign
// implementation of MongoDB's language: FerretDB, embedded, with MongoDB's own
// driver.
//
// It is a module of its own, so that the product depends on neither. From the
// root: make oracle.
//
// # Model
//
// Random documents, filters, orders and updates are given to both. Where the
// answers differ, the case is made as small as it gets while both keep their
// answers, and looked up in the table of decided_test.go, which says what
// MongoDB documents, and where. A case that is not in it fails the test: either
// storage has a fault, or the table gets one more row, reviewed.
//
// # Testing
//
// A run prints its seed; ORACLE_SEED repeats it, ORACLE_RUNS multiplies it.
package oracle
