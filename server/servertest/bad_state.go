package servertest

import (
	"strings"

	"fazt/server/op"
)

// badMissing asks for what is not there.
func badMissing() []BadCase {
	app := func(operation, input string) BadCase {
		return bad("missing: app of "+operation, operation, input, "app_not_found", "app", "app_list")
	}
	return []BadCase{
		app("app_get", `{"app":"none"}`),
		app("app_update", `{"app":"none","title":"T"}`),
		app("app_delete", `{"app":"none"}`),
		app("kv_get", `{"app":"none","key":"a"}`),
		app("kv_set", `{"app":"none","key":"a","value":1}`),
		app("kv_delete", `{"app":"none","key":"a"}`),
		app("kv_list", `{"app":"none"}`),
		app("kv_count", `{"app":"none"}`),
		app("kv_increment", `{"app":"none","key":"a"}`),
		app("kv_get_many", `{"app":"none","keys":["a"]}`),
		app("kv_delete_many", `{"app":"none","prefix":"a"}`),
		app("batch_write", `{"app":"none","mutations":[{"op":"kv_set","key":"a","value":1}]}`),
		app("change_list", `{"app":"none"}`),
		app("system_status", `{"app":"none"}`),
		app("token_create", `{"name":"n","app":"none"}`),
		app("kv_delete_many", `{"app":"none","all":true}`).as(Agent).named("missing: app of an agent's risk"),
		bad("missing: key", "kv_get", `{"app":"shop","key":"user/eve"}`, "key_not_found", "key", "kv_list"),
		bad("missing: a key that another app has", "kv_get", `{"app":"shop","key":"hidden"}`, "key_not_found", "key", "kv_list"),
		bad("missing: token", "token_get", `{"token":"t_none"}`, "token_not_found", "token", "token_list"),
		bad("missing: token to revoke", "token_revoke", `{"token":"t_none"}`, "token_not_found", "token", "token_list"),
		bad("missing: setting", "setting_get", `{"name":"brows"}`, "setting_not_found", "name", `did you mean "browse"`),
		bad("missing: operation to describe", "operation_get", `{"name":"kv_sett"}`, op.CodeOperationNotFound, "name", `did you mean "kv_set"`),
		bad("missing: operation", "kv_gte", `{"app":"shop","key":"a"}`, op.CodeOperationNotFound, "", `did you mean "kv_get"`),
	}
}

// named is the same case under another name.
func (c BadCase) named(name string) BadCase {
	c.Name = name
	return c
}

// badConflicts meets what is there.
func badConflicts() []BadCase {
	set := func(name, members string, code op.Code, field, hint string) BadCase {
		return bad("conflict: "+name, "kv_set", `{"app":"shop","key":"user/ada","value":1,`+members+`}`, code, field, hint)
	}
	return []BadCase{
		bad("conflict: an app that exists", "app_create", `{"id":"shop"}`, op.CodeAlreadyExists, "id", "another name"),
		bad("conflict: an app that exists, tried", "app_create", `{"id":"shop"}`, op.CodeAlreadyExists, "id", "another name").tried(),
		bad("conflict: an app at another version", "app_update", `{"app":"shop","title":"T","if_version":999}`, op.CodeVersionMismatch, "if_version", "current_version"),
		bad("conflict: an app to delete at another version", "app_delete", `{"app":"shop","if_version":999}`, op.CodeVersionMismatch, "if_version", "current_version"),
		set("a key that exists", `"create_only":true`, op.CodeAlreadyExists, "key", "exists"),
		set("a key that exists by version", `"if_version":0`, op.CodeVersionMismatch, "if_version", "current_version"),
		set("a key at another version", `"if_version":999`, op.CodeVersionMismatch, "if_version", "current_version"),
		set("a key at another version, tried", `"if_version":999`, op.CodeVersionMismatch, "if_version", "current_version").tried(),
		set("two conditions that exclude each other", `"create_only":true,"if_version":3`, op.CodeInvalidInput, "if_version", "one of the two"),
		bad("conflict: a missing key at a version", "kv_set", `{"app":"shop","key":"new","value":1,"if_version":3}`, op.CodeVersionMismatch, "if_version", "is gone"),
		bad("conflict: a key to delete at another version", "kv_delete", `{"app":"shop","key":"user/ada","if_version":999}`, op.CodeVersionMismatch, "if_version", "current_version"),
		bad("conflict: adding to a word", "kv_increment", `{"app":"shop","key":"word"}`, op.CodeTypeMismatch, "key", "no number"),
		bad("conflict: adding to an object", "kv_increment", `{"app":"shop","key":"user/ada"}`, op.CodeTypeMismatch, "key", "no number"),
		bad("conflict: an overflow", "kv_increment", `{"app":"shop","key":"full"}`, op.CodeTypeMismatch, "key", "overflows"),
		bad("conflict: nothing said to delete", "kv_delete_many", `{"app":"shop"}`, op.CodeInvalidInput, "keys", "exactly one"),
		bad("conflict: keys and a prefix", "kv_delete_many", `{"app":"shop","keys":["a"],"prefix":"b"}`, op.CodeInvalidInput, "keys", "exactly one"),
		bad("conflict: a prefix and all", "kv_delete_many", `{"app":"shop","prefix":"b","all":true}`, op.CodeInvalidInput, "keys", "exactly one"),
		bad("conflict: all that is false", "kv_delete_many", `{"app":"shop","all":false}`, op.CodeInvalidInput, "keys", "exactly one"),
		bad("conflict: an empty prefix to delete", "kv_delete_many", `{"app":"shop","prefix":""}`, op.CodeInvalidInput, "prefix", "empty"),
		bad("conflict: the owner's token", "token_revoke", `{"token":"owner"}`, op.CodeConflict, "token", "token reset"),
	}
}

// badBatches fail in the middle, or before they begin.
func badBatches() []BadCase {
	batch := func(name, mutations string, code op.Code, field, hint string) BadCase {
		return bad("batch: "+name, "batch_write", `{"app":"shop","mutations":[{"op":"kv_set","key":"first","value":1},`+mutations+`]}`, code, field, hint)
	}
	check := func(name, checks, field, hint string) BadCase {
		return bad("batch: "+name, "batch_write", `{"app":"shop","checks":[`+checks+`],"mutations":[{"op":"kv_set","key":"first","value":1}]}`,
			op.CodeVersionMismatch, field, hint)
	}
	return []BadCase{
		batch("a version in the middle", `{"op":"kv_set","key":"user/ada","value":1,"if_version":999},{"op":"kv_delete","key":"word"}`,
			op.CodeVersionMismatch, "mutations[1].if_version", "mutation 1 (kv_set"),
		batch("an existing key at the end", `{"op":"kv_set","key":"word","value":1,"create_only":true}`,
			op.CodeAlreadyExists, "mutations[1].key", "nothing of the batch"),
		batch("what it made itself", `{"op":"kv_set","key":"first","value":2,"create_only":true}`,
			op.CodeAlreadyExists, "mutations[1].key", "nothing of the batch"),
		batch("a word to add to", `{"op":"kv_increment","key":"word"}`, op.CodeTypeMismatch, "mutations[1].key", "nothing of the batch"),
		batch("an overflow, tried", `{"op":"kv_increment","key":"full"}`, op.CodeTypeMismatch, "mutations[1].key", "nothing of the batch").tried(),
		batch("a value that is too large", `{"op":"kv_set","key":"a","value":"`+strings.Repeat("v", 1<<20)+`"}`,
			op.CodeTooLarge, "mutations[1].value", "mutation 1"),
		batch("no value", `{"op":"kv_set","key":"a"}`, op.CodeInvalidInput, "mutations[1].value", "null is one"),
		batch("a field of another mutation", `{"op":"kv_delete","key":"a","value":1}`, op.CodeInvalidInput, "mutations[1].value", "takes if_version"),
		batch("an amount for a value", `{"op":"kv_set","key":"a","value":1,"by":2}`, op.CodeInvalidInput, "mutations[1].by", "takes value"),
		batch("a mutation that there is not", `{"op":"kv_update","key":"a"}`, op.CodeInvalidInput, "mutations[1].op", "kv_set"),
		batch("a key that cannot be", `{"op":"kv_delete","key":""}`, op.CodeInvalidInput, "mutations[1].key", "empty"),
		batch("two conditions that exclude each other", `{"op":"kv_set","key":"a","value":1,"create_only":true,"if_version":4}`,
			op.CodeInvalidInput, "mutations[1].if_version", "one of the two"),
		batch("an amount that does not fit", `{"op":"kv_increment","key":"n","by":9223372036854775808}`,
			op.CodeInvalidInput, "mutations[1].by", "64-bit"),
		check("a check of another version", `{"key":"user/ada","version":999}`, "checks[0].version", "a check failed"),
		check("a check that nothing is there", `{"key":"new","version":0},{"key":"user/ada","version":0}`, "checks[1].version", "a check failed"),
		check("a check of what is not there", `{"key":"new","version":7}`, "checks[0].version", "does not exist"),
	}
}

// badRepetitions use an idempotency key wrongly.
func badRepetitions() []BadCase {
	return []BadCase{
		bad("repeat: another value", "kv_set", `{"app":"shop","key":"a","value":2}`, op.CodeIdempotencyMismatch, "", "a new key").
			after("k1", `{"app":"shop","key":"a","value":1}`),
		bad("repeat: another key", "kv_increment", `{"app":"shop","key":"m"}`, op.CodeIdempotencyMismatch, "", "a new key").
			after("k2", `{"app":"shop","key":"n"}`),
		bad("repeat: another app", "app_create", `{"id":"new-2"}`, op.CodeIdempotencyMismatch, "", "a new key").
			after("k3", `{"id":"new-1"}`),
		bad("repeat: another batch", "batch_write", `{"app":"shop","mutations":[{"op":"kv_increment","key":"n","by":2}]}`, op.CodeIdempotencyMismatch, "", "a new key").
			after("k4", `{"app":"shop","mutations":[{"op":"kv_increment","key":"n"}]}`),
		bad("repeat: another setting", "setting_update", `{"approvals":"all"}`, op.CodeIdempotencyMismatch, "", "a new key").
			after("k5", `{"approvals":"never"}`),
		bad("repeat: a key that is too long", "kv_set", `{"app":"shop","key":"a","value":1}`, op.CodeInvalidInput, "idempotency_key", "shorter").
			after(strings.Repeat("k", 256), ""),
	}
}

// badCursors are of another query, or none at all.
func badCursors() []BadCase {
	list := func(name, members string) BadCase {
		return bad("cursor: "+name, "kv_list", `{"app":"shop",`+members+`}`, op.CodeInvalidInput, "cursor", "next_cursor")
	}
	page := `{"app":"shop","prefix":"user/","limit":1}`
	since := func(name, cursor string) BadCase {
		return bad("since: "+name, "change_list", `{"app":"shop","since":`+cursor+`}`, op.CodeInvalidInput, "since", "no cursor")
	}
	return []BadCase{
		list("made up", `"cursor":"abc"`),
		list("no base64", `"cursor":"???"`),
		list("a key", `"cursor":"user/ada"`),
		list("of another prefix", `"prefix":"w","cursor":"$cursor"`).with("kv_list", page),
		list("of the other direction", `"prefix":"user/","reverse":true,"cursor":"$cursor"`).with("kv_list", page),
		list("of another app", `"prefix":"","cursor":"$cursor"`).with("kv_list", `{"app":"other","limit":1}`),
		list("of another list", `"cursor":"$cursor"`).with("app_list", `{"limit":1}`),
		list("changed at its end", `"prefix":"user/","cursor":"$cursor%"`).with("kv_list", page),
		bad("cursor: empty", "kv_list", `{"app":"shop","cursor":""}`, op.CodeInvalidInput, "cursor", "empty"),
		bad("cursor: of keys in a list of apps", "app_list", `{"cursor":"$cursor"}`, op.CodeInvalidInput, "cursor", "next_cursor").with("kv_list", page),
		bad("cursor: of keys in a list of tokens", "token_list", `{"cursor":"$cursor"}`, op.CodeInvalidInput, "cursor", "next_cursor").with("kv_list", page),
		bad("cursor: of keys in the audit log", "system_audit", `{"cursor":"$cursor"}`, op.CodeInvalidInput, "cursor", "next_cursor").with("kv_list", page),
		since("a word", `"now"`),
		since("a number", `"7"`),
		since("three numbers", `"7.1.1"`),
		since("a negative number", `"-1.0"`),
		since("another spelling of a number", `"07.1"`),
		bad("since: empty", "change_list", `{"app":"shop","since":""}`, op.CodeInvalidInput, "since", "empty"),
		bad("since: of another history", "change_list", `{"app":"shop","since":"999999.0"}`, op.CodeCompacted, "since", "without since"),
		bad("since: before the app was born", "change_list", `{"app":"shop","since":"1.1"}`, op.CodeCompacted, "since", "without since"),
		bad("since: of another history of the system", "system_changes", `{"since":"999999.0"}`, op.CodeCompacted, "since", "without since"),
	}
}
