package clientjs_test

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"fazt/clientjs"
	"fazt/clientjs/browsertest"
)

func TestProf(t *testing.T) {
	outputs, _ := clientjs.Build(clientjs.BuildOptions{Files: clientjs.Sources, Entries: []string{"src/driver/main.ts"}, Format: clientjs.IIFE})
	var script string
	for _, o := range outputs {
		if strings.HasSuffix(o.Path, ".js") {
			script = string(o.Content)
		}
	}
	page := chromium.Open(t).Page(t, manyNodes())
	page.Inject(t, browsertest.Isolated, script)
	p := &tab{Page: page, t: t}
	prof := func(js string) {
		p.Call(t, "Profiler.enable", nil, nil)
		p.Call(t, "Profiler.setSamplingInterval", map[string]any{"interval": 200}, nil)
		p.Call(t, "Profiler.start", nil, nil)
		ms := p.timed(js)
		var out struct {
			Profile struct {
				Nodes []struct {
					ID        int
					HitCount  int
					CallFrame struct{ FunctionName string; LineNumber int }
					Children []int
				}
				StartTime, EndTime float64
			}
		}
		p.Call(t, "Profiler.stop", nil, &out)
		self := map[string]int{}
		total := map[string]int{}
		byID := map[int]int{}
		for i, n := range out.Profile.Nodes { byID[n.ID] = i }
		sum := 0
		var walk func(i int, stack map[string]bool) int
		walk = func(i int, stack map[string]bool) int {
			n := out.Profile.Nodes[i]
			name := fmt.Sprint(n.CallFrame.FunctionName, ":", n.CallFrame.LineNumber)
			self[name] += n.HitCount
			sum += n.HitCount
			fresh := !stack[name]
			if fresh { stack[name] = true }
			h := n.HitCount
			for _, c := range n.Children { h += walk(byID[c], stack) }
			if fresh { total[name] += h; delete(stack, name) }
			return h
		}
		walk(0, map[string]bool{})
		show := func(m map[string]int, k int) {
			var names []string
			for n := range m { names = append(names, n) }
			sort.Slice(names, func(i, j int) bool { return m[names[i]] > m[names[j]] })
			for i, n := range names { if i < k { fmt.Printf("   %5.1f%% %s\n", 100*float64(m[n])/float64(sum), n) } }
		}
		fmt.Println("==", js, ms, "ms; self:")
		show(self, 14)
		fmt.Println(" total:")
		show(total, 30)
	}
	prof(`{}`)
	p.Eval(t, `document.querySelectorAll("tr")[5].cells[0].textContent = "Changed"; 0`, nil)
	prof(`{since:1}`)
	p.Eval(t, `document.querySelectorAll("tr")[6].cells[0].textContent = "Changed"; 0`, nil)
	prof(`{since:1}`)
}
