package servertest

import (
	"strings"

	"fazt/server/op"
)

// badEvents are refused calls about events.
func badEvents() []BadCase {
	long := strings.Repeat("x", 2001)
	of := func(name, operation, input, field, hint string) BadCase {
		return bad("events: "+name, operation, `{"app":"shop",`+input+`}`, op.CodeInvalidInput, field, hint)
	}
	large := func(c BadCase) BadCase {
		c.WantCode = op.CodeTooLarge
		return c
	}
	tracked := bad("events: no dry run", "event_track", `{"app":"shop","name":"x"}`, op.CodeInvalidInput, "dry_run", "without").tried()
	return []BadCase{
		tracked,
		bad("events: of no app", "event_track", `{"app":"none","name":"x"}`, "app_not_found", "app", "app_list"),
		bad("events: count of no app", "event_count", `{"app":"none"}`, "app_not_found", "app", "app_list"),
		bad("events: neither a name nor a page", "event_track", `{"app":"shop"}`, op.CodeInvalidInput, "name", "send name"),
		of("props of a page view", "event_track", `"page":"/","props":{"a":1}`, "props", "name"),
		of("props in props", "event_track", `"name":"x","props":{"a":{"b":1}}`, "props.a", "at most 20"),
		of("props that are too long", "event_track", `"name":"x","props":{"a":"`+long[:301]+`"}`, "props.a", "at most 300"),
		of("too many props", "event_track", `"name":"x","props":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"r":1,"s":1,"t":1,"u":1}`, "props.u", "at most 20"),
		of("a list for props", "event_track", `"name":"x","props":[1]`, "props", "object").raw(),
		of("a name with white space at its end", "event_track", `"name":"x "`, "name", "signed_up"),
		large(of("a long name", "event_track", `"name":"`+long[:101]+`"`, "name", "short name")),
		large(of("a long page", "event_track", `"page":"`+long+`"`, "page", "query")),
		of("no such time zone", "event_count", `"timezone":"Mars/Olympus"`, "timezone", "IANA"),
		of("no day", "event_count", `"from":"yesterday"`, "from", "2026-11-24"),
		of("a day that is not there", "event_series", `"to":"2026-02-30"`, "to", "2026-11-24"),
		of("a range that ends before it begins", "event_series", `"from":"2026-02-02","to":"2026-02-01"`, "from", "first and the last"),
		of("a range of 100 years", "event_top", `"from":"1926-01-01","to":"2026-01-01"`, "from", "less"),
		of("hours of years", "event_series", `"bucket":"hour","from":"2024-01-01","to":"2026-01-01"`, "bucket", "days"),
		of("weeks", "event_series", `"bucket":"week"`, "bucket", "hour"),
		of("by what is not kept", "event_top", `"by":"country"`, "by", "page"),
		of("no cursor", "event_list", `"cursor":"x"`, "cursor", "next_cursor"),
		bad("events: a reader tracks", "event_track", `{"app":"shop","name":"x"}`, op.CodeForbidden, "", "events:write").as(Reader),
		bad("events: without the scope", "event_count", `{"app":"shop"}`, op.CodeForbidden, "", "events:read").as(Scoped),
		bad("events: of another app", "event_count", `{"app":"other"}`, "app_not_found", "", "shop").as(Bound),
		bad("events: days for none", "setting_update", `{"event_days":0}`, op.CodeInvalidInput, "event_days", "at least 1"),
		bad("events: a limit of no calls", "system_slow", `{"limit":0}`, op.CodeInvalidInput, "limit", "at least 1"),
	}
}
