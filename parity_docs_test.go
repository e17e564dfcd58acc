package main

import (
	"fmt"
	"strings"
	"testing"

	"fazt/server/servertest"
)

// parityPeople are the documents that both servers begin with.
const parityPeople = `[{"id":"ada","name":"Ada","age":36,"tags":["math"]},{"id":"bob","name":"Bob","age":41},{"id":"cyd","name":"Cyd","age":null},{"id":"a/b \"c\"","name":"Odd"}]`

// documentCases are the parity cases of collections and their documents.
func documentCases() []parityGroup {
	const people = `{"app":"shop","collection":"people",`
	return []parityGroup{
		{"collection_set", []string{
			`{"app":"shop","collection":"fresh","schema":{"type":"object","required":["n"]},"indexes":[{"fields":["n"],"unique":true},{"name":"by two","fields":["a.b","c"],"sparse":true}],"text":["title","body"]}`,
			people + `"indexes":[{"fields":["name"],"unique":true},{"fields":["tags"]}],"schema":{"type":"object","required":["name"],"properties":{"age":{"type":["integer","null"],"maximum":1e3}}}}`,
			people + `"text":["name"],"if_version":@collection:people}`,
			people + `"text":[],"if_version":1}`,
			people + `"text":[]}`,
			people + `"indexes":[{"fields":["age"],"unique":true},{"fields":["name"],"unique":true}],"if_version":0}`,
			people + `"schema":{"type":"nothing"}}`,
			people + `"indexes":[{"fields":[]}]}`,
			`{"app":"shop","collection":"fresh","schema":null,"indexes":[]}`,
			`{"app":"none","collection":"fresh","text":[]}`,
		}},
		{"doc_insert", []string{
			people + `"doc":{"id":"dora","name":"Dora","score":1.50,"z":1,"a":[1E3,12345678901234567890]}}`,
			people + `"docs":[{"id":"e1","name":"Emil"},{"id":"e2","name":"Frieda"}]}`,
			people + `"doc":{"id":"ada","name":"Another"}}`,
			people + `"doc":{"id":"x","name":"Ada"}}`,
			people + `"doc":{"id":"x","name":"X","age":"old"}}`,
			people + `"docs":[{"id":"x","name":"X"},{"id":"y","age":1}]}`,
			`{"app":"shop","collection":"made","doc":{"id":"first"}}`,
			`{"app":"none","collection":"made","doc":{"id":"first"}}`,
		}},
		{"doc_replace", []string{
			people + `"id":"bob","doc":{"name":"Robert","order":{"b":1.0,"a":"\u00e9\n"}}}`,
			people + `"id":"bob","doc":{"id":"bob","name":"Bob"},"if_version":@doc:bob}`,
			people + `"id":"bob","doc":{"name":"Too late"},"if_version":1}`,
			people + `"id":"a/b \"c\"","doc":{"name":"Odd still"}}`,
			people + `"id":"new","doc":{"name":"New"},"if_version":0}`,
			people + `"id":"newer","doc":{"name":"Newer"},"create_only":true}`,
			people + `"id":"new","doc":{"name":"Again"},"create_only":true}`,
			people + `"id":"bob","doc":{"name":"Ada"}}`,
			people + `"id":"bob","doc":{"age":1}}`,
			people + `"id":"bob","doc":{"id":"ada","name":"Not Ada"}}`,
		}},
		{"doc_update", []string{
			people + `"id":"ada","update":{"$inc":{"age":1},"$addToSet":{"tags":"poetry"}}}`,
			people + `"id":"ada","update":{"$set":{"note":"at its version"}},"if_version":@doc:ada}`,
			people + `"id":"ada","update":{"$set":{"note":"too late"}},"if_version":1}`,
			people + `"id":"ada","update":{"$set":{"name":"Bob"}}}`,
			people + `"id":"ada","update":{"$set":{"age":"old"}}}`,
			people + `"id":"ada","update":{"$put":{"age":1}}}`,
			people + `"id":"nobody","update":{"$set":{"age":1}}}`,
		}},
		{"doc_delete", []string{
			people + `"id":"cyd","if_version":1}`,
			people + `"id":"cyd","if_version":@doc:cyd}`,
			people + `"id":"a/b \"c\""}`,
			people + `"id":"nobody"}`,
			`{"app":"shop","collection":"none","id":"nobody"}`,
		}},
		{"doc_update_many", []string{
			people + `"filter":{"age":{"$gt":36}},"update":{"$set":{"senior":true}}}`,
			people + `"all":true,"update":{"$set":{"seen":1.0}}}`,
			people + `"filter":{"name":"Nobody"},"update":{"$set":{"seen":2}}}`,
			people + `"filter":{"name":{"$in":["Ada","Bob"]}},"update":{"$set":{"name":"Same"}}}`,
			people + `"update":{"$set":{"seen":2}}}`,
			people + `"filter":{"name":{"$like":"A"}},"update":{"$set":{"seen":2}}}`,
		}},
		{"doc_delete_many", []string{
			people + `"filter":{"id":{"$in":["e1","e2"]}}}`,
			people + `"filter":{"id":"nobody"}}`,
			people + `"filter":{"$where":"true"}}`,
			people[:len(people)-1] + `}`,
			`{"app":"shop","collection":"made","all":true}`,
			`{"app":"shop","collection":"none","all":true}`,
		}},
		{"collection_delete", []string{
			`{"app":"shop","collection":"gone","if_version":1}`,
			`{"app":"shop","collection":"gone","if_version":@collection:gone}`,
			`{"app":"shop","collection":"made"}`,
			`{"app":"shop","collection":"none"}`,
		}},
	}
}

// documents is what the server holds in the collections that the forms write.
func (s *paritySide) documents(t testing.TB) string {
	t.Helper()
	var all strings.Builder
	fmt.Fprintf(&all, "\ncollection_list: %s", servertest.Normal(t, s.ask(t, "collection_list", `{"app":"shop"}`).JSON))
	for _, collection := range []string{"people", "fresh", "made", "gone"} {
		got := s.ask(t, "doc_find", `{"app":"shop","collection":"`+collection+`"}`)
		if got.Code != "" {
			fmt.Fprintf(&all, "\n%s: %s", collection, got.Code) // such as collection_not_found, on both
			continue
		}
		fmt.Fprintf(&all, "\n%s: %s", collection, servertest.Normal(t, got.JSON))
	}
	return all.String()
}
