package oracle

import (
	"fmt"
	"regexp"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// dispute is a case that the sides answer differently.
type dispute struct {
	kind         string // filter or update
	said, doc    bson.D
	mine, others string
}

func (d dispute) String() string {
	return fmt.Sprintf("%s %s on %s: fazt %s, FerretDB %s", d.kind, text(d.said), text(d.doc), d.mine, d.others)
}

// ruling settles the cases of one form. In all of them fazt answers as MongoDB
// documents; where it means to differ, storage/DIFFERENCES.md says so, and the
// generator asks no such thing.
type ruling struct {
	name    string
	kind    string
	said    string // expressions on the whole case as JSON; "" = any
	doc     string
	mine    string
	others  string
	example [2]string // what is said, and of which document
	want    string    // fazt's answer to it, which is MongoDB's
	mongo   string    // what MongoDB documents
	page    string
}

const (
	pages = "https://www.mongodb.com/docs/manual/reference/operator/"
	field = `"[abc](\.[ab01])*"`
)

func rulings() []ruling {
	return []ruling{
		{
			name: "$mod looks at the elements of an array",
			kind: "filter", said: `\{` + field + `:(\{"\$elemMatch":)?\{"\$mod":\[.*\]\}\}?\}`, doc: `.*\[.*\].*`, mine: "matches", others: "does not",
			example: [2]string{`{"a":{"$mod":[1,0]}}`, `{"a":[1]}`}, want: "matches",
			mongo: "a query on an array field matches when at least one element does",
			page:  "https://www.mongodb.com/docs/manual/tutorial/query-arrays/",
		},
		{
			name: "null does not match inside an array without objects",
			kind: "filter", said: `\{"[ab]\.[ab01.]+":null\}`, doc: `.*\[\].*`, mine: "does not", others: "matches",
			example: [2]string{`{"a.b":null}`, `{"a":[]}`}, want: "does not",
			mongo: "{field: null} matches null or a missing field; a path through an array asks its objects, and none is there to lack it",
			page:  "https://www.mongodb.com/docs/manual/tutorial/query-for-null-fields/",
		},
		{
			name: "null matches when one object of an array lacks the field",
			kind: "filter", said: `\{"[ab]\.[ab01.]+":null\}`, doc: `.*\[.*\{.*\}.*\].*`, mine: "matches", others: "does not",
			example: [2]string{`{"a.1":null}`, `{"a":[{},1]}`}, want: "matches",
			mongo: "a path through an array asks each of its objects, also for names that are numbers",
			page:  "https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/",
		},
		{
			name: "$elemMatch takes $ne and $not",
			kind: "filter", said: `.*"\$elemMatch":\{.*"\$(ne|nin|not)":.*`, others: refused,
			example: [2]string{`{"a":{"$elemMatch":{"$ne":1}}}`, `{"a":[2]}`}, want: "matches",
			mongo: "the conditions of $elemMatch are those of a query, without $where and $text",
			page:  pages + "query/elemMatch/",
		},
		{
			name: "$nin within $elemMatch speaks of an element",
			kind: "filter", said: `\{` + field + `:\{"\$elemMatch":\{"\$nin":\[.*\]\}\}\}`, doc: `.*\[.*\].*`, mine: "matches", others: "does not",
			example: [2]string{`{"a":{"$elemMatch":{"$nin":[1]}}}`, `{"a":["x",1]}`}, want: "matches",
			mongo: "one element that meets the condition is enough", page: pages + "query/elemMatch/",
		},
		{
			name: "$elemMatch takes several fields",
			kind: "filter", said: `.*"\$elemMatch":\{"[ab][^$]*:.*,"[ab][^$]*:.*`, others: refused,
			example: [2]string{`{"a":{"$elemMatch":{"a":1,"b":1}}}`, `{"a":[{"a":1,"b":1}]}`}, want: "matches",
			mongo: "one element meets all the conditions", page: pages + "query/elemMatch/",
		},
		{
			name: "$ne of an object leaves the other conditions standing",
			kind: "filter", said: `\{` + field + `:\{"\$ne":\{.*\},.*`, mine: "does not", others: "matches",
			example: [2]string{`{"a":{"$ne":{},"$lte":1}}`, `{}`}, want: "does not",
			mongo: "several operators on a field are joined by and", page: pages + "query/and/",
		},
		{
			name: "$elemMatch speaks of elements, not of the array",
			kind: "filter", said: `\{` + field + `:\{"\$elemMatch":\{"\$(eq|gte|lte|gt|lt|in|all|size|type)":.*\}\}\}`, doc: `.*\[.*\].*`, mine: "does not", others: "matches",
			example: [2]string{`{"a":{"$elemMatch":{"$gte":[]}}}`, `{"a":[]}`}, want: "does not",
			mongo: "at least one element of the array meets all the conditions", page: pages + "query/elemMatch/",
		},
		{
			name: "an object equals an element of an array",
			kind: "filter", said: `\{` + field + `:\{("[ab]":.*)?\}\}`, doc: `.*\[.*\{.*\].*`, mine: "matches", others: "does not",
			example: [2]string{`{"a":{"a":1}}`, `{"a":[{"a":1}]}`}, want: "matches",
			mongo: "a document as the value matches an element that is exactly it, with the order of its fields",
			page:  "https://www.mongodb.com/docs/manual/tutorial/query-array-of-documents/",
		},
		{
			name: "an array may hold arrays",
			kind: "update", mine: `.*\[([^\]{}]|\{[^\[\]{}]*\})*\[.*`, others: refused,
			example: [2]string{`{"$push":{"a":[1]}}`, `{}`}, want: `{"a":[[1]]}`,
			mongo: "BSON arrays nest; $push adds an array as one element", page: pages + "update/push/",
		},
		{
			name: "$addToSet adds an array as one element",
			kind: "update", said: `\{"\$addToSet":\{` + field + `:\[.*\]\}\}`, mine: `.*\[.*\[.*`, others: `\{.*`,
			example: [2]string{`{"$addToSet":{"a":[]}}`, `{}`}, want: `{"a":[[]]}`,
			mongo: "if the value is an array, $addToSet appends the whole array as a single element", page: pages + "update/addToSet/",
		},
		{
			name: "$push heeds $position, $slice and $sort",
			kind: "update", said: `.*"\$push":\{` + field + `:\{"\$each":.*"\$(position|slice|sort)":.*`, mine: `\{.*`, others: `\{.*`,
			example: [2]string{`{"$push":{"a":{"$each":[1],"$position":0}}}`, `{"a":["x"]}`}, want: `{"a":[1,"x"]}`,
			mongo: "$push takes these modifiers beside $each", page: pages + "update/push/",
		},
		{
			name: "$each of nothing makes an empty array",
			kind: "update", said: `.*\{"\$each":\[\].*`, mine: `.*\[\].*`, others: `\{.*`,
			example: [2]string{`{"$addToSet":{"a":{"$each":[]}}}`, `{}`}, want: `{"a":[]}`,
			mongo: "if the field is absent, it is added with the array of the values", page: pages + "update/each/",
		},
		{
			name: "$pull takes every operator on an element",
			kind: "update", said: `\{"\$pull":\{` + field + `:\{"\$(ne|nin|not|exists|type|mod|all|size|regex|elemMatch)":.*\}\}\}`, mine: `\{.*`, others: `\{.*`,
			example: [2]string{`{"$pull":{"a":{"$ne":1}}}`, `{"a":["x"]}`}, want: `{"a":[]}`,
			mongo: "$pull removes the elements that match the condition, as in a query on the elements", page: pages + "update/pull/",
		},
		{
			name: "$rename within one path",
			kind: "update", said: `\{"\$rename":\{"([abc])(\.[ab01])*":"([abc])(\.[ab01])*"\}\}`, mine: refused, others: `\{.*`,
			example: [2]string{`{"$rename":{"a":"a.b"}}`, `{}`}, want: refused,
			mongo: "the source and target field must not be on the same path, nor elements of arrays", page: pages + "update/rename/",
		},
		{
			name: "two operators on one path, one of them $rename",
			kind: "update", said: `\{.*"\$rename":\{.*\},.*\}|\{.*,"\$rename":.*\}`, mine: refused, others: `\{.*`,
			example: [2]string{`{"$rename":{"b":"a"},"$pop":{"a":1}}`, `{}`}, want: refused,
			mongo: "conflicting update operators: updating the path would create a conflict", page: pages + "update/rename/",
		},
		{
			name: "$unset leaves null in the place of an element",
			kind: "update", said: `\{"\$unset":\{"[ab](\.[ab01])*\.[01]":.*`, mine: `.*null.*`, others: `\{.*`,
			example: [2]string{`{"$unset":{"a.0":""}}`, `{"a":[1]}`}, want: `{"a":[null]}`,
			mongo: "on an array element $unset replaces it with null", page: pages + "update/unset/",
		},
	}
}

func (r ruling) covers(d dispute) bool {
	fits := func(expression, s string) bool {
		return expression == "" || regexp.MustCompile("^(?:"+expression+")$").MatchString(s)
	}
	return r.kind == d.kind && fits(r.said, string(text(d.said))) && fits(r.doc, string(text(d.doc))) &&
		fits(r.mine, d.mine) && fits(r.others, d.others)
}

// decide names the ruling on a case, "" when there is none.
func decide(d dispute) string {
	for _, r := range rulings() {
		if r.covers(d) {
			return r.name
		}
	}
	return ""
}

// TestRulings: fazt answers each example as MongoDB documents it, and FerretDB
// still does not: a ruling that is not needed goes.
func TestRulings(t *testing.T) {
	b := newBench(t, false)
	for _, r := range rulings() {
		said, doc := parsed([]byte(r.example[0])), parsed([]byte(r.example[1]))
		mine, others := b.matched(said, doc)
		if r.kind == "update" {
			mine, others = b.updated(doc, said)
		}
		if mine != r.want {
			t.Errorf("%s: fazt answers %s, and MongoDB %s (%s, %s)", r.name, mine, r.want, r.mongo, r.page)
		}
		if d := (dispute{r.kind, said, doc, mine, others}); mine == others || !r.covers(d) {
			t.Errorf("%s: not what the ruling says: %s", r.name, d)
		}
	}
}
