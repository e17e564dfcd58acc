package servertest

import (
	"fmt"
	"strings"

	"fazt/server/op"
)

// badJSON is what is no JSON object, or not one alone.
func badJSON() []BadCase {
	set := func(name, input, field, hint string) BadCase {
		return bad("json: "+name, "kv_set", input, op.CodeInvalidJSON, field, hint).raw()
	}
	object := func(name, input, hint string) BadCase {
		return bad("json: "+name, "kv_set", input, op.CodeInvalidInput, "", hint).raw()
	}
	return []BadCase{
		set("cut off", `{"app":"shop","key":"a","value":`, "", "too early"),
		set("white space alone", `  `, "", "too early"),
		set("two objects", `{"app":"shop","key":"a","value":1}{"app":"shop","key":"b","value":1}`, "", "one JSON object"),
		set("text behind it", `{"app":"shop","key":"a","value":1} x`, "", "one JSON object"),
		set("a trailing comma", `{"app":"shop","key":"a","value":1,}`, "", "at byte"),
		set("single quotes", `{'app':'shop'}`, "", "at byte"),
		set("a comment", `{"app":"shop",/* why */"key":"a","value":1}`, "", "at byte"),
		set("a bare word", `{"app":"shop","key":"a","value":yes}`, "", "at byte"),
		set("NaN", `{"app":"shop","key":"a","value":NaN}`, "", "at byte"),
		set("a leading zero", `{"app":"shop","key":"a","value":01}`, "", "at byte"),
		set("a leading plus", `{"app":"shop","key":"a","value":+1}`, "", "at byte"),
		set("a raw line break in a string", "{\"app\":\"shop\",\"key\":\"a\nb\",\"value\":1}", "", "at byte"),
		set("a byte order mark", "\ufeff{\"app\":\"shop\",\"key\":\"a\",\"value\":1}", "", "at byte"),
		set("a byte that is no UTF-8 in a key", "{\"app\":\"shop\",\"key\":\"a\xff\",\"value\":1}", "", "UTF-8"),
		set("a byte that is no UTF-8 in a value", "{\"app\":\"shop\",\"key\":\"a\",\"value\":\"\xc3\"}", "", "UTF-8"),
		set("half a surrogate pair", `{"app":"shop","key":"\ud800","value":1}`, "", "at byte"),
		set("a name twice", `{"app":"shop","key":"a","value":1,"value":2}`, "value", "twice"),
		set("a name twice, once escaped", `{"app":"shop","key":"a","value":1,"v\u0061lue":2}`, "value", "twice"),
		set("a name twice inside a value", `{"app":"shop","key":"a","value":{"b":1,"b":2}}`, "value.b", "twice"),
		set("two apps", `{"app":"shop","app":"other","key":"a","value":1}`, "app", "twice").as(Bound),
		set("too deep", `{"app":"shop","key":"a","value":`+strings.Repeat("[", 101)+strings.Repeat("]", 101)+`}`, "", "flatten"),
		set("a bracket that does not close", `{"app":"shop","key":"a","value":[}`, "", "at byte"),
		object("an array", `[]`, "object"),
		object("null", `null`, "object"),
		object("a string", `"shop"`, "object"),
		object("a number", `5`, "object"),
	}
}

// badTypes is values of the wrong type, unknown fields and missing ones.
func badTypes() []BadCase {
	set := func(name, members, field, hint string) BadCase {
		return bad("type: "+name, "kv_set", `{"app":"shop","key":"a","value":1,`+members+`}`, op.CodeInvalidInput, field, hint)
	}
	wrong := func(name, operation, input, field, hint string) BadCase {
		return bad("type: "+name, operation, input, op.CodeInvalidInput, field, hint)
	}
	unknown := func(name, operation, input, field, hint string) BadCase {
		return bad("unknown: "+name, operation, input, op.CodeUnknownField, field, hint)
	}
	return []BadCase{
		wrong("an app that is a number", "kv_set", `{"app":5,"key":"a","value":1}`, "app", "a string").raw(),
		wrong("a key that is a number", "kv_set", `{"app":"shop","key":5,"value":1}`, "key", "a string").raw(),
		wrong("a key that is null", "kv_set", `{"app":"shop","key":null,"value":1}`, "key", "null").raw(),
		wrong("a key that is an array", "kv_set", `{"app":"shop","key":["a"],"value":1}`, "key", "array").raw(),
		wrong("a key that is an object", "kv_get", `{"app":"shop","key":{}}`, "key", "object").raw(),
		set("a ttl that is a string", `"ttl_ms":"60000"`, "ttl_ms", "integer").raw(),
		set("a ttl with a fraction", `"ttl_ms":1.5`, "ttl_ms", "whole number"),
		set("a ttl with an exponent", `"ttl_ms":1e3`, "ttl_ms", "whole number").raw(),
		set("a version that is negative", `"if_version":-1`, "if_version", "at least 0"),
		set("a version that is a string", `"if_version":"3"`, "if_version", "integer").raw(),
		set("a version that is null", `"if_version":null`, "if_version", "null").raw(),
		set("a version over 64 bits", `"if_version":18446744073709551616`, "if_version", "in range"),
		set("a flag that is a string", `"create_only":"true"`, "create_only", "boolean").raw(),
		set("a flag that is a number", `"create_only":1`, "create_only", "boolean").raw(),
		set("a flag that is null", `"create_only":null`, "create_only", "null").raw(),
		wrong("a limit that is a word", "kv_list", `{"app":"shop","limit":"many"}`, "limit", "must be"),
		wrong("a flag that is a word", "kv_list", `{"app":"shop","reverse":"yes"}`, "reverse", "must be"),
		wrong("keys that are a string", "kv_get_many", `{"app":"shop","keys":"a"}`, "keys", "array").raw(),
		wrong("a key in a list that is a number", "kv_get_many", `{"app":"shop","keys":["a",1]}`, "keys[1]", "a string").raw(),
		wrong("a key in a list that is empty", "kv_get_many", `{"app":"shop","keys":["a",""]}`, "keys[1]", "empty"),
		wrong("an amount that is a string", "kv_increment", `{"app":"shop","key":"n","by":"1"}`, "by", "number").raw(),
		wrong("an amount that is null", "kv_increment", `{"app":"shop","key":"n","by":null}`, "by", "null").raw(),
		wrong("mutations that are an object", "batch_write", `{"app":"shop","mutations":{}}`, "mutations", "array").raw(),
		wrong("no value", "kv_set", `{"app":"shop","key":"a"}`, "value", "missing"),
		wrong("no keys", "kv_get_many", `{"app":"shop"}`, "keys", "missing"),
		wrong("no id", "app_create", `{"title":"Nameless"}`, "id", "missing"),
		wrong("no title", "app_update", `{"app":"shop"}`, "title", "missing"),
		wrong("no name", "token_create", `{"kind":"agent"}`, "name", "missing"),
		wrong("no mutations", "batch_write", `{"app":"shop"}`, "mutations", "missing"),
		unknown("a short name", "kv_set", `{"app":"shop","key":"a","value":1,"ttl":60000}`, "ttl", "ttl_ms"),
		unknown("a slip", "kv_set", `{"app":"shop","key":"a","value":1,"creat_only":true}`, "creat_only", `did you mean "create_only"`),
		unknown("another case", "kv_set", `{"app":"shop","key":"a","value":1,"Create_Only":true}`, "Create_Only", "create_only"),
		unknown("the envelope", "kv_set", `{"app":"shop","key":"a","value":1,"dry_run":true}`, "dry_run", "fields are").raw(),
		unknown("in an operation without fields", "setting_list", `{"name":"browse"}`, "name", "no fields").raw(),
		unknown("inside a mutation", "batch_write", `{"app":"shop","mutations":[{"op":"kv_set","key":"a","value":1,"ttl":5}]}`, "mutations[0].ttl", "ttl_ms"),
	}
}

// badNames is keys and ids that cannot be.
func badNames() []BadCase {
	wrong := func(name, operation, input, field, hint string) BadCase {
		return bad("name: "+name, operation, input, op.CodeInvalidInput, field, hint)
	}
	long := strings.Repeat("k", op.MaxKeyBytes+1)
	return []BadCase{
		wrong("an empty key", "kv_get", `{"app":"shop","key":""}`, "key", "empty"),
		wrong("a key that is too long", "kv_set", `{"app":"shop","key":"`+long+`","value":1}`, "key", "1024"),
		wrong("a key that is too long in bytes", "kv_set", `{"app":"shop","key":"`+strings.Repeat("é", 513)+`","value":1}`, "key", "1026 bytes"),
		wrong("a key with NUL", "kv_set", `{"app":"shop","key":"a\u0000b","value":1}`, "key", "U+0000"),
		wrong("a prefix that is too long", "kv_list", `{"app":"shop","prefix":"`+long+`"}`, "prefix", "1024"),
		wrong("a prefix with NUL", "kv_count", `{"app":"shop","prefix":"a\u0000"}`, "prefix", "U+0000"),
		wrong("a key to delete that is too long", "kv_delete", `{"app":"shop","key":"`+long+`"}`, "key", "1024"),
		wrong("an app in capitals", "app_get", `{"app":"Shop"}`, "app", "app id"),
		wrong("an app with a hyphen at its end", "app_get", `{"app":"shop-"}`, "app", "app id"),
		wrong("an app with an underscore", "app_create", `{"id":"my_shop"}`, "id", "app id"),
		wrong("an app with a dot", "app_create", `{"id":"my.shop"}`, "id", "app id"),
		wrong("an app that is a path", "app_create", `{"id":"../shop"}`, "id", "app id"),
		wrong("an app that is too long", "app_create", `{"id":"`+strings.Repeat("a", 64)+`"}`, "id", "app id"),
		wrong("an app with no name", "app_create", `{"id":""}`, "id", "app id"),
		wrong("an app in another alphabet", "app_create", `{"id":"läden"}`, "id", "app id"),
		wrong("an app in its xn-- form", "app_create", `{"id":"xn--lden-loa"}`, "id", "app id"),
		wrong("a reserved app", "app_create", `{"id":"admin"}`, "id", "reserved"),
		wrong("another reserved app", "app_create", `{"id":"api"}`, "id", "reserved"),
		wrong("an empty title", "app_create", `{"id":"new","title":""}`, "title", "empty"),
		wrong("a title with NUL", "app_create", `{"id":"new","title":"a\u0000"}`, "title", "U+0000"),
		wrong("an empty token", "token_get", `{"token":""}`, "token", "empty"),
	}
}

// badSizes is too much of something, or nothing of it.
func badSizes() []BadCase {
	many := func(n int) string { return `"` + strings.Repeat(`k","`, n-1) + `k"` }
	mutations := strings.TrimSuffix(strings.Repeat(`{"op":"kv_increment","key":"n"},`, 1001), ",")
	half := `"` + strings.Repeat("v", 1<<20-100) + `"`
	large := strings.TrimSuffix(strings.Repeat(`{"op":"kv_set","key":"k","value":`+half+`},`, 5), ",")
	wrong := func(name, operation, input string, code op.Code, field, hint string) BadCase {
		return bad("size: "+name, operation, input, code, field, hint)
	}
	return []BadCase{
		wrong("a value over 1 MiB", "kv_set", `{"app":"shop","key":"a","value":"`+strings.Repeat("v", 1<<20)+`"}`, op.CodeTooLarge, "value", "1048576"),
		wrong("a batch over 4 MiB", "batch_write", `{"app":"shop","mutations":[`+large+`]}`, op.CodeTooLarge, "mutations[4]", "several batches"),
		wrong("1001 mutations", "batch_write", `{"app":"shop","mutations":[`+mutations+`]}`, op.CodeInvalidInput, "mutations", "1000"),
		wrong("no mutation", "batch_write", `{"app":"shop","mutations":[]}`, op.CodeInvalidInput, "mutations", "must not be empty"),
		wrong("1001 keys", "kv_get_many", `{"app":"shop","keys":[`+many(1001)+`]}`, op.CodeInvalidInput, "keys", "1000"),
		wrong("no key", "kv_get_many", `{"app":"shop","keys":[]}`, op.CodeInvalidInput, "keys", "must not be empty"),
		wrong("1001 keys to delete", "kv_delete_many", `{"app":"shop","keys":[`+many(1001)+`]}`, op.CodeInvalidInput, "keys", "1000"),
		wrong("a long title", "app_create", `{"id":"new","title":"`+strings.Repeat("t", 201)+`"}`, op.CodeInvalidInput, "title", "at most 200"),
		wrong("a long name of a token", "token_create", `{"name":"`+strings.Repeat("n", 61)+`"}`, op.CodeInvalidInput, "name", "at most 60"),
		wrong("a long query", "operation_list", `{"query":"`+strings.Repeat("q", 401)+`"}`, op.CodeInvalidInput, "query", "at most 400"),
	}
}

// badRanges is numbers and choices outside of what is meant.
func badRanges() []BadCase {
	wrong := func(operation, field, value, hint string) BadCase {
		input := map[string]string{
			"kv_set":       `{"app":"shop","key":"a","value":1,%q:%s}`,
			"kv_increment": `{"app":"shop","key":"n",%q:%s}`,
			"kv_list":      `{"app":"shop",%q:%s}`,
			"change_list":  `{"app":"shop",%q:%s}`,
			"token_create": `{"name":"n",%q:%s}`,
		}[operation]
		if input == "" {
			input = `{%q:%s}`
		}
		return bad("range: "+operation+" "+field+" "+value, operation, fmt.Sprintf(input, field, value), op.CodeInvalidInput, field, hint)
	}
	return []BadCase{
		wrong("kv_list", "limit", "0", "at least 1"),
		wrong("kv_list", "limit", "-1", "at least 1"),
		wrong("kv_list", "limit", "1001", "at most 1000"),
		wrong("app_list", "limit", "1001", "at most 1000"),
		wrong("token_list", "limit", "0", "at least 1"),
		wrong("system_audit", "limit", "5000", "at most 1000"),
		wrong("operation_list", "limit", "0", "at least 1"),
		wrong("kv_set", "ttl_ms", "0", "at least 1"),
		wrong("kv_set", "ttl_ms", "-5", "at least 1"),
		wrong("kv_set", "ttl_ms", "3153600000001", "at most"),
		wrong("kv_set", "ttl_ms", "9223372036854775808", "in range"),
		wrong("token_create", "ttl_ms", "0", "at least 1"),
		wrong("token_create", "kind", `"robot"`, "one of agent, service, person"),
		wrong("change_list", "wait_ms", "30001", "at most 30000"),
		wrong("change_list", "wait_ms", "-1", "at least 0"),
		wrong("change_list", "limit", "1001", "at most 1000"),
		wrong("system_changes", "limit", "0", "at least 1"),
		wrong("kv_increment", "by", "9223372036854775808", "64-bit"),
		wrong("kv_increment", "by", "1e999", "64-bit float").raw(),
		bad("range: a minimum over the maximum", "kv_increment", `{"app":"shop","key":"n","min":5,"max":4}`, op.CodeInvalidInput, "min", "over max"),
		bad("range: kinds of no feed", "change_list", `{"app":"shop","kinds":["tokens"]}`, op.CodeInvalidInput, "kinds[0]", "one of kv").raw(),
		bad("range: no kinds", "change_list", `{"app":"shop","kinds":[]}`, op.CodeInvalidInput, "kinds", "must not be empty").raw(),
		bad("range: a slip in a kind", "system_changes", `{"kinds":["tokn"]}`, op.CodeInvalidInput, "kinds[0]", `did you mean "token"`).raw(),
	}
}
