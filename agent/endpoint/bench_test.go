package endpoint

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"fazt/server/op"
)

// BenchmarkToolCall measures a call through the endpoint, and beside it
// mcp-go's bare echo: what we add is the difference.
func BenchmarkToolCall(b *testing.B) {
	bare := server.NewMCPServer("echo", "1")
	bare.AddTool(mcp.NewTool("kv_get", mcp.WithString("app"), mcp.WithString("key")), func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(r.GetString("key", "")), nil
	})
	s := newStore()
	s.put("a", `"hello"`)
	registry := op.NewRegistry(op.Ports{Admitter: op.AdmitAll{}, Recorder: op.RecordNone{}, Approver: op.ApproveAll{}})
	if err := registry.Add(s.operations()...); err != nil {
		b.Fatal(err)
	}
	ours := New(Options{Registry: registry, Authenticate: authenticate, Hosts: localHost, Origins: func(string) bool { return false }, Rand: newSteady()})
	defer func() { _ = ours.Close(context.Background()) }()
	b.Run("mcp-go", func(b *testing.B) {
		benchmarkCalls(b, server.NewStreamableHTTPServer(bare, server.WithStateLess(true)))
	})
	b.Run("fazt", func(b *testing.B) { benchmarkCalls(b, ours.Handler()) })
}

func benchmarkCalls(b *testing.B, handler http.Handler) {
	web := httptest.NewServer(handler)
	defer web.Close()
	client := web.Client()
	body := callBody("kv_get", `{"app":"shop","key":"a"}`)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		r, err := http.NewRequest(http.MethodPost, web.URL+"/mcp", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer agent")
		got, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, got.Body); err != nil || got.StatusCode != http.StatusOK {
			b.Fatal(got.Status, err)
		}
		got.Body.Close()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
