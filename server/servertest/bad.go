package servertest

import (
	"slices"

	"fazt/server/op"
)

// BadCase is a call that must be refused, with the same code, field and hint on
// every face, and that must change nothing. It is made in a world in which the
// calls of [Prepare] were made by the owner.
type BadCase struct {
	Name      string
	Operation string
	Input     string // JSON, or not quite
	Role      Role   // who calls; "" = the owner
	Envelope  op.Envelope
	// First is an input with which the same role makes the same call before,
	// in the same envelope; that one succeeds.
	First string
	// Cursor is a call whose next_cursor takes the place of $cursor in Input.
	Cursor op.Given
	// Raw says that only a face which takes the input's bytes can be given it;
	// one that builds the JSON itself cannot say it.
	Raw bool

	WantCode     op.Code
	WantField    string // "" = none
	HintContains string // of detail and hint together; "" = any, but never an empty hint
}

// Prepare returns the calls that make the world of the bad cases.
func Prepare() []op.Given {
	return []op.Given{
		{Op: "app_create", In: `{"id":"shop","title":"Shop"}`},
		{Op: "app_create", In: `{"id":"other","title":"Other"}`},
		{Op: "kv_set", In: `{"app":"shop","key":"user/ada","value":{"name":"Ada","age":36}}`},
		{Op: "kv_set", In: `{"app":"shop","key":"user/bob","value":{"name":"Bob"}}`},
		{Op: "kv_set", In: `{"app":"shop","key":"word","value":"text"}`},
		{Op: "kv_set", In: `{"app":"shop","key":"full","value":9223372036854775807}`},
		{Op: "kv_set", In: `{"app":"other","key":"hidden","value":"of the other app"}`},
		{Op: "doc_insert", In: `{"app":"shop","collection":"people","docs":[{"id":"ada","name":"Ada","email":"ada@example.org","team":1},{"id":"bob","name":"Bob","team":1}]}`},
		{Op: "collection_set", In: `{"app":"shop","collection":"people","schema":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}},"indexes":[{"fields":["email"],"unique":true,"sparse":true}]}`},
		{Op: "kv_set", In: `{"app":"other","key":"hidden/2","value":2}`},
		{Op: "blob_put", In: `{"app":"shop","key":"notes/a.txt","text":"hello"}`},
		{Op: "blob_put", In: `{"app":"shop","key":"notes/b.txt","text":"hello again"}`},
	}
}

// BadCases returns them all. Each has a name of its own.
func BadCases() []BadCase {
	return slices.Concat(
		badJSON(), badTypes(), badNames(), badSizes(), badRanges(),
		badMissing(), badConflicts(), badBatches(), badRights(), badTokens(),
		badConfirmations(), badRepetitions(), badCursors(), badSettings(),
		badDocs(), badEvents(), badBlobs(), badSecrets(),
	)
}

// bad makes a case of the owner's.
func bad(name, operation, input string, code op.Code, field, hint string) BadCase {
	return BadCase{Name: name, Operation: operation, Input: input, Role: Owner, WantCode: code, WantField: field, HintContains: hint}
}

// raw says that only the input's bytes can say it.
func (c BadCase) raw() BadCase {
	c.Raw = true
	return c
}

// as is the same call by somebody else.
func (c BadCase) as(role Role) BadCase {
	c.Role = role
	return c
}

// confirming is the same call with a confirmation.
func (c BadCase) confirming(name string) BadCase {
	c.Envelope.Confirm = name
	return c
}

// tried is the same call as a dry run.
func (c BadCase) tried() BadCase {
	c.Envelope.DryRun = true
	return c
}

// after is the same call with an idempotency key that another input has used.
func (c BadCase) after(key, first string) BadCase {
	c.Envelope.IdempotencyKey, c.First = key, first
	return c
}

// with takes the cursor of another call.
func (c BadCase) with(operation, input string) BadCase {
	c.Cursor = op.Given{Op: operation, In: input}
	return c
}
