package servertest

import (
	"fmt"
	"strings"

	"fazt/server/op"
)

// badRights calls without the right to.
func badRights() []BadCase {
	scope := func(role Role, operation, input, scope string) BadCase {
		return bad(fmt.Sprintf("rights: %s as %s", operation, role), operation, input, op.CodeForbidden, "", scope).as(role)
	}
	other := func(operation, input string) BadCase {
		return bad("rights: another app's "+operation, operation, input, "app_not_found", "", `bound to app "shop"`).as(Bound)
	}
	set := `{"app":"shop","key":"a","value":1}`
	return []BadCase{
		bad("rights: nobody", "kv_get", `{"app":"shop","key":"user/ada"}`, op.CodeUnauthenticated, "", "token").as(Stranger),
		bad("rights: nobody writes", "kv_set", set, op.CodeUnauthenticated, "", "token").as(Stranger),
		scope(Scoped, "kv_set", set, "kv:write"),
		scope(Scoped, "kv_delete", `{"app":"shop","key":"word"}`, "kv:write"),
		scope(Scoped, "kv_delete_many", `{"app":"shop","all":true}`, "kv:write"),
		scope(Scoped, "batch_write", `{"app":"shop","mutations":[{"op":"kv_set","key":"a","value":1}]}`, "kv:write"),
		scope(Scoped, "app_list", `{}`, "apps:read"),
		scope(Scoped, "change_list", `{"app":"shop"}`, "changes:read"),
		scope(Scoped, "operation_list", `{}`, "apps:read"),
		scope(Reader, "app_create", `{"id":"new"}`, "apps:write"),
		scope(Reader, "app_delete", `{"app":"shop"}`, "apps:write"),
		scope(Reader, "kv_increment", `{"app":"shop","key":"n"}`, "kv:write"),
		scope(Reader, "token_create", `{"name":"n"}`, "tokens:write"),
		scope(Reader, "system_backup", `{}`, "system:write"),
		scope(Watcher, "kv_get", `{"app":"shop","key":"word"}`, "kv:read"),
		scope(Watcher, "system_changes", `{}`, "system:read"),
		scope(Agent, "token_create", `{"name":"n"}`, "tokens:write"),
		scope(Agent, "token_list", `{}`, "tokens:read"),
		scope(Agent, "token_revoke", `{"token":"owner"}`, "tokens:write"),
		scope(Agent, "setting_update", `{"approvals":"never"}`, "settings:write"),
		bad("rights: a backup for an agent", "system_backup", `{}`, op.CodeForbidden, "", "ask a person").as(Agent),
		bad("rights: values without their scope", "change_list", `{"app":"shop","values":true}`, op.CodeForbidden, "values", "kv:read").as(Watcher),
		scope(Bound, "system_status", `{"app":"shop"}`, "system:read"),
		scope(Bound, "token_list", `{}`, "tokens:read"),
		bad("rights: an app for a bound token", "app_create", `{"id":"new"}`, op.CodeForbidden, "", "not bound").as(Bound),
		other("app_get", `{"app":"other"}`),
		other("app_delete", `{"app":"other"}`),
		other("kv_get", `{"app":"other","key":"hidden"}`),
		other("kv_list", `{"app":"other"}`),
		other("kv_set", `{"app":"other","key":"hidden","value":1}`),
		other("kv_delete_many", `{"app":"other","all":true}`),
		other("batch_write", `{"app":"other","mutations":[{"op":"kv_delete","key":"hidden"}]}`),
		other("change_list", `{"app":"other","since":"0.0"}`),
		other("kv_count", `{"app":"none"}`).named("rights: an app that is not there, as any other"),
	}
}

// badTokens would give away what is not one's own.
func badTokens() []BadCase {
	create := func(name, members string, code op.Code, field, hint string) BadCase {
		return bad("token: "+name, "token_create", `{"name":"n",`+members+`}`, code, field, hint)
	}
	return []BadCase{
		create("a scope that there is not", `"scopes":["kv:read","kv:reed"]`, op.CodeInvalidInput, "scopes[1]", `did you mean "kv:read"`),
		create("a scope of no area", `"scopes":["everything"]`, op.CodeInvalidInput, "scopes[0]", "AREA:read"),
		create("no scopes", `"scopes":[]`, op.CodeInvalidInput, "scopes", "must not be empty"),
		create("an agent that makes tokens", `"kind":"agent","scopes":["tokens:write"]`, op.CodeInvalidInput, "scopes[0]", "kind service"),
		create("an agent that approves", `"kind":"agent","scopes":["kv:read","approvals:write"]`, op.CodeInvalidInput, "scopes[1]", "cannot hold"),
		create("a bound token that sees the system", `"app":"shop","kind":"service","scopes":["system:read"]`, op.CodeInvalidInput, "scopes[0]", "bound to an app"),
		create("a program that did not say", `"kind":"service"`, op.CodeInvalidInput, "scopes", "the least"),
		create("a scope that the giver lacks", `"kind":"service","scopes":["kv:read","kv:write"]`, op.CodeForbidden, "scopes[1]", "does not hold kv:write").as(Minter),
		create("a person by a program", `"kind":"person"`, op.CodeForbidden, "kind", "only a person").as(Admin),
		create("a person by a program with few scopes", `"kind":"person","scopes":["kv:read"]`, op.CodeForbidden, "kind", "only a person").as(Minter),
	}
}

// badConfirmations are an agent's calls that destroy much without its word.
func badConfirmations() []BadCase {
	destroy := func(name, operation, input, hint string) BadCase {
		return bad("confirm: "+name, operation, input, op.CodeConfirmationRequired, "", hint).as(Agent)
	}
	return []BadCase{
		destroy("an app", "app_delete", `{"app":"shop"}`, `confirm: "shop"`),
		destroy("an app in numbers", "app_delete", `{"app":"shop"}`, `app "shop" ("Shop") with 4 keys`),
		destroy("an app by another's name", "app_delete", `{"app":"shop"}`, `confirm says "other"`).confirming("other"),
		destroy("an app by its title", "app_delete", `{"app":"shop"}`, `confirm: "shop"`).confirming("Shop"),
		destroy("keys by a prefix", "kv_delete_many", `{"app":"shop","prefix":"user/"}`, `2 keys of app "shop" that begin with "user/"`),
		destroy("keys by a shorter prefix than was confirmed", "kv_delete_many", `{"app":"shop","prefix":"u"}`, `confirm: "u"`).confirming("user/"),
		destroy("every key", "kv_delete_many", `{"app":"shop","all":true}`, `every key of app "shop", 4 keys`),
	}
}

// badSettings would open more than was meant.
func badSettings() []BadCase {
	origin := func(name, origin, hint string) BadCase {
		return bad("setting: "+name, "setting_update", `{"origins":["https://fine.example",`+fmt.Sprintf("%q", origin)+`]}`,
			op.CodeInvalidInput, "origins[1]", hint)
	}
	browse := func(name, origin, hint string) BadCase {
		return bad("setting: "+name, "setting_update", `{"add_browse":[`+fmt.Sprintf("%q", origin)+`]}`, op.CodeInvalidInput, "add_browse[0]", hint)
	}
	many := strings.TrimSuffix(strings.Repeat(`"https://fine.example",`, 101), ",")
	return []BadCase{
		origin("a host alone", "shop.example", "SCHEME://HOST"),
		origin("a path", "https://shop.example/admin", `"https://shop.example"`),
		origin("a slash at the end", "https://shop.example/", `"https://shop.example"`),
		origin("capitals", "https://Shop.example", `"https://shop.example"`),
		origin("the scheme's own port", "https://shop.example:443", `"https://shop.example"`),
		origin("a query", "https://shop.example?a=b", `"https://shop.example"`),
		origin("a user", "https://ada@shop.example", "user name"),
		origin("a wildcard", "https://*.example", "each origin"),
		origin("every origin", "*", "SCHEME://HOST"),
		origin("another scheme", "ftp://shop.example", "http and https"),
		origin("a file", "file:///etc/passwd", "SCHEME://HOST"),
		origin("a script", "javascript:alert(1)", "SCHEME://HOST"),
		origin("another alphabet", "https://läden.example", "xn--"),
		origin("no host", "https://", "SCHEME://HOST"),
		origin("nothing", "", "SCHEME://HOST"),
		browse("a name inside this network", "http://localhost:3000", "127.0.0.1"),
		browse("a bare name", "http://intranet", "127.0.0.1"),
		browse("a name of the local link", "http://printer.local", "127.0.0.1"),
		browse("a private address without a port", "http://192.168.1.20", "http://192.168.1.20:8080"),
		browse("loopback without a port", "http://[::1]", "http://[::1]:8080"),
		browse("the cloud's own address", "http://169.254.169.254", ":8080"),
		bad("setting: nothing to change", "setting_update", `{}`, op.CodeInvalidInput, "", "at least one"),
		bad("setting: all and some", "setting_update", `{"origins":[],"add_origins":["https://a.example"]}`, op.CodeInvalidInput, "origins", "add_origins"),
		bad("setting: a choice that there is not", "setting_update", `{"approvals":"sometimes"}`, op.CodeInvalidInput, "approvals", "never"),
		bad("setting: a list that is null", "setting_update", `{"browse":null}`, op.CodeInvalidInput, "browse", "array").raw(),
		bad("setting: too many origins", "setting_update", `{"origins":[`+many+`]}`, op.CodeInvalidInput, "origins", "100"),
	}
}
