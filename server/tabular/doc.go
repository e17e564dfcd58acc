// Package tabular reads rows of files that people have: CSV in the dialects
// and encodings of spreadsheets, JSON lines and JSON arrays.
//
// # Model
//
// [Survey] reads a file once and answers its [Shape]: format, encoding,
// delimiter, header, and the type of each column as all of its cells have it,
// so that a type never turns out wrong in the middle of an import.
// [Shape.Rows] reads the file again, row by row, as JSON documents.
//
// Types are careful: a number is one only when its text is kept exactly, so
// leading zeros, signs such as +49, exponents and more than 15 digits stay
// text; ISO dates are text; an empty cell is null; a formula is text.
//
// # Concurrency
//
// A Shape is a value. A Rows is used by one goroutine.
//
// # Errors
//
// What is wrong with one row is the Problem of its [Row], and the next row
// follows. What keeps the rest from being read is an error, a *[Problem] too.
// Memory is bounded whatever the file holds: a row has at most 2 MiB.
//
// # Testing
//
// FuzzTable holds that no bytes break the path from survey to document.
package tabular
