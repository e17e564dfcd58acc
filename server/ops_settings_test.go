package server_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"fazt/server"
	"fazt/server/op"
	"fazt/server/servertest"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	play(t, w, []scenario{
		{name: "add", op: "setting_update", input: `{"add_origins":["https://b.example","http://localhost:5173","https://b.example"]}`, want: []string{`"origins":["http://localhost:5173","https://b.example"]`, `"approvals":"wide"`}},
		{name: "add another", op: "setting_update", input: `{"add_origins":["https://a.example"]}`, want: []string{`"origins":["http://localhost:5173","https://a.example","https://b.example"]`}},
		{name: "remove one, and one that is not there", op: "setting_update", input: `{"remove_origins":["https://b.example","https://z.example"]}`, want: []string{`"origins":["http://localhost:5173","https://a.example"]`}},
		{name: "the rest stays", op: "setting_update", input: `{"approvals":"all"}`, want: []string{`"https://a.example"`, `"approvals":"all"`}},
		{name: "inside this network by number and port", op: "setting_update", input: `{"browse":["http://127.0.0.1:3000","http://[::1]:8080","https://erp.example","https://xn--lden-loa.example"]}`, want: []string{`"http://127.0.0.1:3000"`, `"http://[::1]:8080"`}},
		{name: "tried", op: "setting_update", input: `{"browse":[]}`, envelope: op.Envelope{DryRun: true}, want: []string{`"browse":[]`}},
		{name: "nothing of the trial stays", op: "setting_get", input: `{"name":"browse"}`, want: []string{"https://erp.example"}},
		{name: "emptied", op: "setting_update", input: `{"browse":[]}`, want: []string{`"browse":[]`}},
		{name: "numbers", op: "setting_update", input: `{"event_days":7,"event_years":1,"slow_ms":100}`, want: []string{`"event_days":7,"event_years":1,"slow_ms":100`, `"approvals":"all"`}},
		{name: "listed", role: servertest.Agent, op: "setting_list", input: `{}`, want: []string{`"name":"browse","value":[]`, `"name":"approvals","value":"all"`}, not: []string{`["https://erp.example`}},
	})
	got, err := w.Service.Settings(t.Context())
	if err != nil || fmt.Sprint(got) != fmt.Sprint(server.Settings{Browse: []string{}, Origins: []string{"http://localhost:5173", "https://a.example"}, Approvals: "all", EventDays: 7, EventYears: 1, SlowMS: 100}) {
		t.Errorf("settings %+v, %v", got, err)
	}
}

// TestSettingsChangedAtOnce: of origins added by callers at the same moment,
// none is lost.
func TestSettingsChangedAtOnce(t *testing.T) {
	t.Parallel()
	w := servertest.Open(t)
	const callers = 4 // fewer than a change begins anew
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			_, err := w.Call(servertest.Owner, "setting_update", fmt.Sprintf(`{"add_origins":["https://%d.example"]}`, i), op.Envelope{})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list := w.Must("setting_get", `{"name":"origins"}`)
	for i := range callers {
		if want := fmt.Sprintf("https://%d.example", i); !strings.Contains(list, want) {
			t.Errorf("no %s in %s", want, list)
		}
	}
}
