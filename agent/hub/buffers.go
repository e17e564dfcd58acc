package hub

import (
	"bufio"
	"net"
	"net/http"
)

// smallBuffers hands a connection over with buffers of pageBuffer bytes: the
// ones of net/http, of 4 kB each, are most of what an idle page costs.
type smallBuffers struct{ http.ResponseWriter }

// pageBuffer holds a usual message with its frame. A longer one is written past
// it.
const pageBuffer = 512

// Unwrap is for http.ResponseController.
func (w smallBuffers) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack is of http.Hijacker.
func (w smallBuffers) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, had, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil || had.Reader.Buffered() > 0 || had.Writer.Buffered() > 0 {
		return conn, had, err // what was read or is to be written goes along
	}
	return conn, bufio.NewReadWriter(bufio.NewReaderSize(conn, pageBuffer), bufio.NewWriterSize(conn, pageBuffer)), nil
}
