package load

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"
)

// conn is one user's keep-alive connection. It parses no more than it must: the
// generator shares the machine with what it measures.
type conn struct {
	address string
	head    string
	app     string
	spec    *Spec
	random  *rand.Rand
	net     net.Conn
	in      *bufio.Reader
	out     []byte
	value   []byte
}

// answerTime is how long an answer may take in all.
const answerTime = 60 * time.Second

func newConn(spec *Spec, address string, user uint64) *conn {
	return &conn{
		address: address, spec: spec, random: rand.New(rand.NewPCG(user, rand.Uint64())),
		head: " HTTP/1.1\r\nHost: " + address + "\r\nAuthorization: Bearer " + spec.Token + "\r\nUser-Agent: fazt-loadtest\r\n",
		app:  "/api/apps/" + spec.App + "/kv", value: make([]byte, spec.Bytes),
	}
}

func (c *conn) dial() error {
	if c.net != nil {
		return nil
	}
	connection, err := net.DialTimeout("tcp", c.address, 10*time.Second)
	if err != nil {
		return err
	}
	c.net, c.in = connection, bufio.NewReaderSize(connection, 2048)
	return nil
}

func (c *conn) close() {
	if c.net != nil {
		c.net.Close()
		c.net = nil
	}
}

// call makes one call and returns its status.
func (c *conn) call(class string) (status int, err error) {
	if err := c.dial(); err != nil {
		return 0, err
	}
	if err := c.net.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return 0, err
	}
	c.form(class)
	if _, err = c.net.Write(c.out); err == nil {
		status, err = c.read()
	}
	if err != nil {
		c.close()
	}
	return status, err
}

// alphabet makes values that JSON takes as they are.
const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// form writes the request. Values are random: writing the same bytes again
// costs a database almost nothing.
func (c *conn) form(class string) {
	key := strconv.Itoa(c.random.IntN(c.spec.Keys))
	b := c.out[:0]
	switch class {
	case Write:
		for i := range c.value {
			c.value[i] = alphabet[c.random.IntN(len(alphabet))]
		}
		b = append(append(append(b, "PUT "...), c.app...), '/')
		b = append(append(b, key...), c.head...)
		b = append(b, "Content-Type: application/json\r\nContent-Length: "...)
		b = strconv.AppendInt(b, int64(len(c.value)+12), 10)
		b = append(append(append(b, "\r\n\r\n{\"value\":\""...), c.value...), "\"}"...)
	case List:
		b = append(append(append(b, "GET "...), c.app...), "?limit=20&prefix="...)
		b = append(append(append(b, key[:1]...), c.head...), "\r\n"...)
	case Tool, Insert, Find, Blob, Site, Code:
		b = c.formOther(b, class, key)
	default:
		b = append(append(append(b, "GET "...), c.app...), '/')
		b = append(append(append(b, key...), c.head...), "\r\n"...)
	}
	c.out = b
}

// formOther writes the requests of what is no key.
func (c *conn) formOther(b []byte, class, key string) []byte {
	of := "/api/apps/" + c.spec.App
	n := c.random.IntN(Numbers)
	switch class {
	case Tool:
		return c.post(b, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"kv_get","arguments":{"app":"`+c.spec.App+`","key":"`+key+`"}}}`)
	case Insert:
		return c.post(b, of+"/collections/"+Collection+"/docs", fmt.Sprintf(`{"doc":{"n":%d,"text":"%x","at":%d}}`, n, c.random.Uint64(), c.random.Uint32()))
	case Find:
		return c.post(b, of+"/collections/"+Collection+"/docs:find", fmt.Sprintf(`{"filter":{"n":%d},"limit":20}`, n))
	case Site: // of the app's own host, by nobody
		return append(b, "GET /"+SiteFile+" HTTP/1.1\r\nHost: "+c.spec.App+".localhost\r\n\r\n"...)
	case Code:
		return c.post(b, "/api/code:run", `{"code":"return 1"}`)
	}
	return append(append(append(b, "GET "+of+"/blobs/"+BlobKey...), c.head...), "\r\n"...)
}

func (c *conn) post(b []byte, path, body string) []byte {
	b = append(append(append(b, "POST "...), path...), c.head...)
	b = append(b, "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	return append(append(b, "\r\n\r\n"...), body...)
}

func (c *conn) read() (status int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("no answer of HTTP: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("no answer of HTTP: %q", line)
	}
	length, last := -1, false
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := header(line, "content-length:"); ok {
			if length, err = strconv.Atoi(value); err != nil {
				return 0, fmt.Errorf("a length of %q", value)
			}
		} else if value, ok := header(line, "connection:"); ok {
			last = strings.EqualFold(value, "close")
		}
	}
	if length < 0 {
		return 0, errors.New("an answer without Content-Length")
	}
	if _, err := c.in.Discard(length); err != nil {
		return 0, err
	}
	if last {
		c.close()
	}
	return status, nil
}

func header(line []byte, name string) (string, bool) {
	if len(line) < len(name) || !strings.EqualFold(string(line[:len(name)]), name) {
		return "", false
	}
	return strings.TrimSpace(string(line[len(name):])), true
}
