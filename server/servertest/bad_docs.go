package servertest

import (
	"strings"

	"fazt/server/op"
)

// badDocs is what documents and collections refuse.
func badDocs() []BadCase {
	of := func(name, operation, members string, code op.Code, field, hint string) BadCase {
		return bad("docs: "+name, operation, `{"app":"shop","collection":"people",`+members+`}`, code, field, hint)
	}
	return []BadCase{
		of("an unknown operator", "doc_find", `"filter":{"age":{"$gtt":3}}`, op.CodeInvalidInput, "filter.age.$gtt", "$gte"),
		of("code in a filter", "doc_find", `"filter":{"$where":"1"}`, op.CodeInvalidInput, "filter.$where", "unknown operator"),
		of("a filter that is a string", "doc_find", `"filter":"age > 3"`, op.CodeInvalidInput, "filter", "object").raw(),
		of("an empty path", "doc_find", `"filter":{"a..b":3}`, op.CodeInvalidInput, "filter.a..b", "no path"),
		of("a sort that is no path", "doc_find", `"sort":["$age"]`, op.CodeInvalidInput, "sort", "no path"),
		of("keep and drop", "doc_find", `"fields":["a","-b"]`, op.CodeInvalidInput, "fields", "either"),
		of("a made-up cursor", "doc_find", `"cursor":"AAAA"`, op.CodeInvalidInput, "cursor", "cursor"),
		of("text without its index", "doc_find", `"filter":{"$text":{"$search":"ada"}}`, op.CodeTooLarge, "filter.$text", "collection_set"),
		of("a document that is not there", "doc_get", `"id":"nobody"`, "doc_not_found", "id", "doc_find"),
		bad("docs: a collection that is not there", "doc_find", `{"app":"shop","collection":"none"}`, "collection_not_found", "collection", "collection_list"),
		bad("docs: a collection of another app", "doc_find", `{"app":"other","collection":"people"}`, "collection_not_found", "collection", "collection_list"),
		bad("docs: a collection that is a path", "doc_insert", `{"app":"shop","collection":"../x","doc":{}}`, op.CodeInvalidInput, "collection", ""),
		bad("docs: a collection that is SQL", "doc_insert", `{"app":"shop","collection":"x; DROP TABLE doc","doc":{}}`, op.CodeInvalidInput, "collection", ""),
		of("an id that exists", "doc_insert", `"doc":{"id":"ada"}`, op.CodeAlreadyExists, "doc.id", "another"),
		of("one of many that exists", "doc_insert", `"docs":[{"id":"new","name":"New"},{"id":"ada","name":"Ada"}]`, op.CodeAlreadyExists, "docs[1].id", "nothing was inserted"),
		of("an id that is a number", "doc_insert", `"doc":{"id":7}`, op.CodeInvalidInput, "doc.id", "a string"),
		of("an id that is too long", "doc_insert", `"doc":{"id":"`+strings.Repeat("i", 257)+`"}`, op.CodeTooLarge, "doc.id", "256"),
		of("neither doc nor docs", "doc_insert", `"doc":{},"docs":[{}]`, op.CodeInvalidInput, "doc", "exactly one"),
		of("an operator as a name", "doc_insert", `"doc":{"a":{"$set":1}}`, op.CodeInvalidInput, "doc", "begins with $"),
		of("a document that is too large", "doc_insert", `"doc":{"a":"`+strings.Repeat("v", 1<<20)+`"}`, op.CodeTooLarge, "doc", "blobs"),
		of("two ids", "doc_replace", `"id":"ada","doc":{"id":"bob"}`, op.CodeInvalidInput, "doc.id", "was named"),
		of("another version", "doc_replace", `"id":"ada","doc":{},"if_version":999`, op.CodeVersionMismatch, "if_version", "current_version"),
		of("a twin", "doc_insert", `"doc":{"email":"ada@example.org","name":"Eve"}`, op.CodeUniqueViolation, "doc.email", "unique"),
		of("not of the schema", "doc_insert", `"doc":{"name":7}`, op.CodeSchemaViolation, "doc.name", "collection_get"),
		of("updated out of the schema", "doc_update", `"id":"ada","update":{"$unset":{"name":""}}`, op.CodeSchemaViolation, "doc", "name"),
		of("an update of the id", "doc_update", `"id":"ada","update":{"$set":{"id":"x"}}`, op.CodeInvalidInput, "update.$set.id", "does not change"),
		of("an update without operators", "doc_update", `"id":"ada","update":{"name":"x"}`, op.CodeInvalidInput, "update.name", "$set"),
		of("adding to a word", "doc_update", `"id":"ada","update":{"$inc":{"name":1}}`, op.CodeTypeMismatch, "update.$inc.name", "no number"),
		of("an update of everything, unsaid", "doc_update_many", `"update":{"$set":{"a":1}}`, op.CodeInvalidInput, "filter", "all: true"),
		of("a deletion of everything, unsaid", "doc_delete_many", `"filter":{}`, op.CodeInvalidInput, "filter", "all: true"),
		of("a filter and all", "doc_delete_many", `"filter":{"a":1},"all":true`, op.CodeInvalidInput, "all", "without a filter"),
		of("all, unconfirmed", "doc_delete_many", `"all":true`, op.CodeConfirmationRequired, "", "people").as(Agent),
		bad("docs: a collection, unconfirmed", "collection_delete", `{"app":"shop","collection":"people"}`, op.CodeConfirmationRequired, "", "people").as(Agent),
		of("a schema that is none", "collection_set", `"schema":{"type":"strnig"}`, op.CodeInvalidInput, "schema", "JSON Schema"),
		of("a schema from elsewhere", "collection_set", `"schema":{"$ref":"file:///etc/passwd"}`, op.CodeInvalidInput, "schema", "not loaded"),
		of("an index that documents break", "collection_set", `"indexes":[{"fields":["team"],"unique":true}]`, op.CodeUniqueViolation, "indexes", "same team"),
		of("an index with a direction", "collection_set", `"indexes":[{"fields":["-age"]}]`, op.CodeInvalidInput, "indexes[0].fields", "hyphen"),
		of("an unknown stage", "doc_aggregate", `"pipeline":[{"$lookup":{}}]`, op.CodeInvalidInput, "pipeline[0].$lookup", "$match"),
		of("a file that is not there", "csv_import", `"key":"none.csv"`, "blob_not_found", "key", "blob_put"),
		of("a type that is none", "csv_import", `"key":"none.csv","types":{"a":"money"}`, op.CodeInvalidInput, "types.a", "boolean"),
		of("an import that goes on", "csv_import", `"key":"none.csv","on_error":"ignore"`, op.CodeInvalidInput, "on_error", "skip"),
		bad("docs: a document in a batch without its place", "batch_write", `{"app":"shop","mutations":[{"op":"doc_delete","id":"ada"}]}`, op.CodeInvalidInput, "mutations[0].collection", "needs"),
		bad("docs: a check in a batch", "batch_write", `{"app":"shop","checks":[{"kind":"doc","collection":"people","id":"ada","version":0}],"mutations":[{"op":"kv_set","key":"a","value":1}]}`, op.CodeVersionMismatch, "checks[0].version", "check failed"),
	}
}
