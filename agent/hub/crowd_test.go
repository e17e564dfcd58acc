package hub_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"fazt/agent/hub"
	"fazt/server/op"
)

// A crowd is a process of its own that plays many pages, so that what they need
// is not taken for the hub's. It reads a ticket a line, joins with each, and
// says "joined"; on "count" it says how many messages its pages have had, and
// how many of those said resync.
const crowdEnv = "FAZT_TEST_CROWD"

type crowdPage struct {
	conn  *websocket.Conn
	crowd *crowdCounts
}

type crowdCounts struct{ published, resync, failed atomic.Int64 }

func crowdMain(address string) {
	var counts crowdCounts
	pages := make(chan *crowdPage, 1<<15)
	begin := make(chan struct{})
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch line := lines.Text(); line {
		case "read":
			close(begin)
		case "count":
			fmt.Println(counts.published.Load(), counts.resync.Load(), counts.failed.Load())
		default:
			p, err := joinCrowd(address, line, &counts)
			if err != nil {
				fmt.Println("failed", err)
				continue
			}
			pages <- p
			go func() {
				<-begin
				p.read()
			}()
			fmt.Println("joined")
		}
	}
}

// joinCrowd says hello with a ticket and follows the runs.
func joinCrowd(address, ticket string, counts *crowdCounts) (*crowdPage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, address+"/agent/ws", &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {address}}})
	if err != nil {
		return nil, err
	}
	hello := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":%d,"ticket":%q,"epoch":"e","url":"/apps","title":"Apps","module":"m1"}}`, hub.Protocol, ticket)
	if err := conn.Write(ctx, websocket.MessageText, []byte(hello)); err != nil {
		return nil, err
	}
	for _, text := range []string{
		`{"jsonrpc":"2.0","id":2,"method":"subscribe","params":{"topic":"runs"}}`,
		`{"jsonrpc":"2.0","id":3,"method":"unsubscribe","params":{"id":99}}`, // answered when the one before is done
	} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			return nil, err
		}
	}
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(data), `"id":3,`) {
			return &crowdPage{conn, counts}, nil
		}
	}
}

// read counts what the page is told, until its connection ends.
func (p *crowdPage) read() {
	for {
		_, r, err := p.conn.Reader(context.Background())
		if err != nil {
			p.crowd.failed.Add(1)
			return
		}
		data, err := io.ReadAll(r)
		switch text := string(data); {
		case err != nil:
			p.crowd.failed.Add(1)
			return
		case strings.Contains(text, `"resync":true`):
			p.crowd.resync.Add(1)
		case strings.Contains(text, `"method":"published"`):
			p.crowd.published.Add(1)
		}
	}
}

// crowd is that process, as its test sees it.
type crowd struct {
	t   testing.TB
	in  io.Writer
	out *bufio.Scanner
}

func startCrowd(t testing.TB, address string) *crowd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crowdEnv+"="+address)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill() // its pages go with it
		_ = cmd.Wait()
	})
	return &crowd{t, in, bufio.NewScanner(out)}
}

func (c *crowd) ask(line string) string {
	c.t.Helper()
	if _, err := io.WriteString(c.in, line+"\n"); err != nil {
		c.t.Fatal(err)
	}
	if !c.out.Scan() {
		c.t.Fatalf("the crowd has ended: %v", c.out.Err())
	}
	return c.out.Text()
}

// tabsOfOne is how many tabs one principal may have.
const tabsOfOne = 32

// join lets n pages in, of as many people as that takes.
func (c *crowd) join(w *world, n int) {
	c.t.Helper()
	for i := range n {
		who := principal(fmt.Sprintf("p%d", i/tabsOfOne), op.KindPerson)
		if said := c.ask(w.ticket(who)); said != "joined" {
			c.t.Fatalf("page %d: %s", i, said)
		}
	}
}

// counted is what all pages together have heard.
func (c *crowd) counted() (published, resync, failed int64) {
	c.t.Helper()
	if _, err := fmt.Sscan(c.ask("count"), &published, &resync, &failed); err != nil {
		c.t.Fatal(err)
	}
	return published, resync, failed
}

func (c *crowd) begin() {
	c.t.Helper()
	if _, err := io.WriteString(c.in, "read\n"); err != nil {
		c.t.Fatal(err)
	}
}

// burst publishes waves of messages, each when the pages have had the one
// before, so that whoever reads keeps up. They have had so many already.
func (c *crowd) burst(h *hub.Hub, pages, waves, each int, had int64) (took time.Duration) {
	c.t.Helper()
	began := time.Now()
	for wave := range waves {
		for i := range each {
			h.Publish("runs", map[string]any{"id": fmt.Sprintf("r_%d_%d", wave, i), "state": "ok"})
		}
		want := had + int64(pages*each*(wave+1))
		until(c.t, "the wave arrives", func() bool {
			published, resync, failed := c.counted()
			if resync > 0 || failed > 0 {
				c.t.Fatalf("%d pages were told to read anew and %d were cut, of those who keep up", resync, failed)
			}
			return published >= want
		})
	}
	return time.Since(began)
}
