package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// roomTab is a tab in a room of the admin page, and the server behind it.
type roomTab struct {
	*paritySide
	tab string
}

func openRoom(t *testing.T, address string, given ...parityCase) *roomTab {
	t.Helper()
	chromium.Open(t)
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	s := &paritySide{registry: registry, face: newPlainHTTP(t, serve(t), ownerSecret)}
	for _, c := range given {
		s.must(t, c.name, c.input)
	}
	var opened struct{ Tab string }
	if err := json.Unmarshal([]byte(s.must(t, "tab_open", fmt.Sprintf(`{"url":%q,"show":false}`, address))), &opened); err != nil {
		t.Fatal(err)
	}
	return &roomTab{s, opened.Tab}
}

func (s *paritySide) must(t testing.TB, name, input string) string {
	t.Helper()
	got := s.ask(t, name, input)
	if got.Code != "" {
		t.Fatalf("%s %s: %s", name, input, got)
	}
	return got.JSON
}

// do carries steps out in the tab; each must succeed.
func (r *roomTab) do(t testing.TB, steps ...string) {
	t.Helper()
	input, err := json.Marshal(map[string]any{"tab": r.tab, "steps": steps, "wait_s": 20})
	if err != nil {
		t.Fatal(err)
	}
	answer := r.must(t, "tab_do", string(input))
	var got struct{ Failed json.RawMessage }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || len(got.Failed) > 0 && string(got.Failed) != "null" {
		t.Fatalf("%v: %s", err, answer)
	}
}

// numbered is an insert of n documents into the collection orders.
func numbered(n int) parityCase {
	docs := make([]string, n)
	for i := range docs {
		docs[i] = fmt.Sprintf(`{"id":"o%03d","n":%d,"city":%q,"a":1,"b":2,"c":3,"d":[1]}`, i, i, []string{"Graz", "Wien"}[i%2])
	}
	return parityCase{"doc_insert", `{"app":"shop","collection":"orders","docs":[` + strings.Join(docs, ",") + `]}`}
}

// TestDocumentsRoomFinds: a page at a time, by a filter, explained, and an index
// made of the explanation.
func TestDocumentsRoomFinds(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/apps/shop/collections/orders", parityCase{"app_create", `{"id":"shop"}`}, numbered(120))
	r.do(t,
		`expect text "the first 50 of 120 documents" visible`,
		`click button "Show more"`, `expect text "the first 100 of 120 documents" visible`,
		`fill field "Filter (JSON)" = {"city":"Graz","n":{"$lt":10}}`, `press Enter in field "Filter (JSON)"`,
		`expect text "5 of 120 documents match" visible`,
		`expect url filter=`,
		`fill field "Sort by" = -n`, `click button "Find"`, `expect css "tbody tr:first-child th" text o008`,
		`click button "Explain"`, `expect text "no index serves it" visible`,
		`click button "Add this index"`, `expect label "Indexes" value city, n`, `click button "Save"`,
		`expect text "indexes: city, n" visible`,
		`click button "Explain"`, `expect text "It uses the index city_n on city, n." visible`,
		`fill field "Filter (JSON)" = {"n":{"$like":1}}`, `click button "Find"`, `expect css ".query [role=alert]" visible`,
		`expect css "tbody tr:first-child th" text o008`, // what was shown stays
		`reload`, `expect css ".query [role=alert]" visible`,
	)
}

// TestDocumentsRoomFollows: another's writes appear, and nothing that the
// reader has opened or typed is lost.
func TestDocumentsRoomFollows(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/apps/shop/collections/orders", parityCase{"app_create", `{"id":"shop"}`}, numbered(3))
	r.do(t, `fill field "Filter (JSON)" = {"half":`, `click css "tr[data-key=o001] summary"`, `expect css "tr[data-key=o001] dl" visible`, `focus css "tr[data-key=o001] a"`)
	r.must(t, "doc_update", `{"app":"shop","collection":"orders","id":"o001","update":{"$set":{"city":"Linz"}}}`)
	r.must(t, "doc_insert", `{"app":"shop","collection":"orders","doc":{"id":"o0005","city":"Villach"}}`)
	r.must(t, "doc_delete", `{"app":"shop","collection":"orders","id":"o002"}`)
	r.do(t,
		`expect text "Linz" visible`, `expect text "Villach" visible`, `expect css "tr[data-key=o002]" count 0`,
		`expect css "tr[data-key=o001] dl" visible`, `expect css "tr[data-key=o001] a" focused`,
		`expect field "Filter (JSON)" value {"half":`,
	)
}

// TestDocumentsRoomKeepsWhatWasTyped: a document that another has changed
// meanwhile is not overwritten unseen, and one's own text stays.
func TestDocumentsRoomKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/apps/shop/collections/orders", parityCase{"app_create", `{"id":"shop"}`}, numbered(1))
	r.do(t, `click button "Edit o000"`, `fill label "Document (JSON)" = {"mine":1.50}`)
	r.must(t, "doc_update", `{"app":"shop","collection":"orders","id":"o000","update":{"$set":{"city":"Linz"},"$unset":{"d":true}}}`)
	r.do(t,
		`click button "Save"`, `expect css "dialog [data-code=version_mismatch]" visible`,
		`expect text "city: \"Graz\" → \"Linz\"" visible`, `expect text "d: removed, was [1]" visible`,
		`expect label "Document (JSON)" value {"mine":1.50}`,
		`click css "dialog .meanwhile button"`, `wait dialog "Edit document" gone`,
	)
	if got := r.must(t, "doc_get", `{"app":"shop","collection":"orders","id":"o000"}`); !strings.Contains(got, `"mine":1.50`) || strings.Contains(got, "Linz") {
		t.Errorf("after saving over it: %s", got)
	}
}

// TestDocumentsRoomPreviews: what a filter would delete is shown before, and
// nothing is deleted by looking.
func TestDocumentsRoomPreviews(t *testing.T) {
	t.Parallel()
	r := openRoom(t, "/apps/shop/collections/orders", parityCase{"app_create", `{"id":"shop"}`}, numbered(10))
	r.do(t,
		`click button "Delete by filter"`, `fill label "Filter (JSON)" in dialog "Delete documents" = {"n":{"$gte":5}}`,
		`click button "Preview"`, `expect text "5 documents would be deleted." visible`, `expect text "and 2 more" visible`,
		`check checkbox "Every document"`, `expect text "5 documents would be deleted." hidden`,
		`fill label "Filter (JSON)" in dialog "Delete documents" = `,
		`click button "Preview"`, `expect text "10 documents would be deleted." visible`,
		`click button "Delete" in dialog "Delete documents"`, `expect css "dialog [data-code=confirmation_required]" visible`,
	)
	if got := r.must(t, "doc_count", `{"app":"shop","collection":"orders"}`); got != `{"count":10}` {
		t.Errorf("after previews and a refusal: %s", got)
	}
}
