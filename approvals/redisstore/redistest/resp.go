package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience bounds one command; a busy machine may take its time.
const patience = 10 * time.Second

// Do sends one command on a connection of its own and returns the answer: a
// string, an int64, a []any or nil. It is no client: it says what a test says to
// a server beside the clients that are tested.
func (s *Server) Do(args ...string) (any, error) {
	answers, err := s.do(args)
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}

// do sends commands on one connection and returns their answers, up to the
// first that is an error.
func (s *Server) do(commands ...[]string) ([]any, error) {
	conn, err := net.DialTimeout("tcp", s.Addr, patience)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	var text strings.Builder
	for _, args := range commands {
		fmt.Fprintf(&text, "*%d\r\n", len(args))
		for _, a := range args {
			fmt.Fprintf(&text, "$%d\r\n%s\r\n", len(a), a)
		}
	}
	if _, err := io.WriteString(conn, text.String()); err != nil {
		return nil, err
	}
	return list(bufio.NewReader(conn), len(commands))
}

// Must is Do; a failure ends the test.
func (s *Server) Must(t testing.TB, args ...string) any {
	t.Helper()
	answer, err := s.Do(args...)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	return answer
}

// read takes one RESP2 reply.
func read(r *bufio.Reader) (any, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, rest := line[0], strings.TrimRight(line[1:], "\r\n")
	switch kind {
	case '+':
		return rest, nil
	case '-':
		return nil, errors.New(rest)
	case ':':
		return strconv.ParseInt(rest, 10, 64)
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < 0 {
		return nil, err
	}
	if kind == '*' {
		return list(r, n)
	}
	b := make([]byte, n+2)
	_, err = io.ReadFull(r, b)
	return string(b[:n]), err
}

func list(r *bufio.Reader, n int) ([]any, error) {
	all := make([]any, n)
	for i := range all {
		var err error
		if all[i], err = read(r); err != nil {
			return nil, err
		}
	}
	return all, nil
}
