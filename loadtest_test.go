package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fazt/server/capacity"
	"fazt/server/capacity/load"
)

func TestLoadtestRefusals(t *testing.T) {
	t.Parallel()
	here := &apiClient{url: "http://127.0.0.1:8080", token: "t"}
	good := loadtestCommand{Users: 10, Duration: time.Second, Mix: "read=70,write=30"}
	if _, err := good.spec(here); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for what, c := range map[string]struct {
		url    string
		change func(*loadtestCommand)
	}{
		"another machine":     {"http://10.1.2.3:8080", func(*loadtestCommand) {}},
		"a name":              {"http://localhost.example", func(*loadtestCommand) {}},
		"a nonsense mix":      {here.url, func(c *loadtestCommand) { c.Mix = "dance=1" }},
		"open without a rate": {here.url, func(c *loadtestCommand) { c.Open = true }},
		"a rate without open": {here.url, func(c *loadtestCommand) { c.Rate = 5 }},
		"tabs below none":     {here.url, func(c *loadtestCommand) { c.WS = -1 }},
		"nobody":              {here.url, func(c *loadtestCommand) { c.Users = 0 }},
		"no time":             {here.url, func(c *loadtestCommand) { c.Duration = 0 }},
	} {
		command := good
		c.change(&command)
		_, err := command.spec(&apiClient{url: c.url})
		var usage *usageError
		if !errors.As(err, &usage) || usage.hint == "" {
			t.Errorf("%s: %v, want a refusal with a hint", what, err)
		}
	}
	beyond := good
	beyond.BeyondMachine = true
	if _, err := beyond.spec(&apiClient{url: "http://10.1.2.3:8080"}); err != nil {
		t.Errorf("with the flag: %v", err)
	}
}

func TestLoadtestJudgement(t *testing.T) {
	t.Parallel()
	r := &loadtestResult{
		Result:     &load.Result{RPS: 1100, OK: 1100, Seconds: 1, Little: 1, Timeline: []load.Second{{OK: 1100}, {Second: 1, OK: 3}}},
		Prediction: capacity.Prediction{RPS: 1000, RPSLow: 900, RPSHigh: 1200}, Foreign: 0.5,
	}
	r.judge(&load.Spec{Users: 5}, capacity.Prediction{RPS: 800})
	if r.ErrorPC != 10 || r.SubtractedPC != 37.5 || r.Valid || len(r.Doubts) != 1 {
		t.Errorf("%+v", r)
	}
	thinking := &load.Spec{Users: 100, Think: time.Second}
	if got := predictedOf(thinking, capacity.Prediction{RPS: 1000}); got < 99 || got > 100 {
		t.Errorf("100 people with a pause of a second ask %v times a second", got)
	}
	if c := r.chart(); len(c.Series[0].Points) != 1 {
		t.Errorf("answers behind the measured time are drawn: %+v", c.Series)
	}
	if table := r.table(); !strings.Contains(table, "valid      false") || !strings.Contains(table, "+10.0 %") {
		t.Errorf("the table:\n%s", table)
	}
}

// TestLoadtestPlaysAll: every class of call and live tabs against a real server,
// of which nothing is left behind.
func TestLoadtestPlaysAll(t *testing.T) {
	t.Parallel()
	registry, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	var mix []string
	for _, class := range load.Classes() {
		mix = append(mix, class+"=1")
	}
	r, table := playLoad(t, p, "--users", "16", "--duration", "2s", "--ws", "33", "--mix", strings.Join(mix, ","))
	if r.Failed > 0 || len(r.Classes) != len(mix) || r.Sockets == nil || r.Sockets.Open != 33 || r.Sockets.Lost != 0 || r.Sockets.Messages == 0 {
		t.Errorf("%+v %+v:\n%s", r.Result, r.Sockets, table)
	}
	if !strings.Contains(table, "live tabs  33 joined") || r.Prediction.RPS <= 0 {
		t.Errorf("the table:\n%s", table)
	}
	f := newPlainHTTP(t, p, ownerSecret)
	if report := must(t, f, registry, "capacity_get", `{}`); !strings.Contains(report, `"validation":{"at":`) || !strings.Contains(report, `"mix":"`+r.Mix+`","users":16`) {
		t.Errorf("the server does not show the load test: %s", report)
	}
	for _, name := range []string{"app_list", "token_list"} {
		if left := must(t, f, registry, name, `{}`); strings.Contains(left, "load") {
			t.Errorf("%s: %s", name, left)
		}
	}
}
