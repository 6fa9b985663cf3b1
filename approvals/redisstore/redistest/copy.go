package redistest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Copy is all that a server held at an instant: the commands that put it back.
type Copy [][]string

// Copy takes a copy of all keys.
func (s *Server) Copy(t testing.TB) Copy {
	t.Helper()
	var c Copy
	for _, name := range s.ask(t, []string{"KEYS", "*"})[0].([]any) {
		key := name.(string)
		found := s.ask(t, []string{"DUMP", key}, []string{"PTTL", key})
		if value, there := found[0].(string); there {
			c = append(c, []string{"RESTORE", key, strconv.FormatInt(max(found[1].(int64), 0), 10), value})
		}
	}
	return c
}

// GoBack has the server hold what it held when the copy was taken, and nothing
// else, from one instant to the next: as after a failover to a replica that was
// behind. The commands of also are carried out in the same step.
func (s *Server) GoBack(t testing.TB, to Copy, also ...[]string) {
	t.Helper()
	commands := [][]string{{"MULTI"}, {"FLUSHDB"}}
	commands = append(append(append(commands, to...), also...), []string{"EXEC"})
	s.ask(t, commands...)
}

// ask sends commands on a connection of its own and returns their answers: a
// text, a number, a list, or nil.
func (s *Server) ask(t testing.TB, commands ...[]string) []any {
	t.Helper()
	conn, err := net.DialTimeout("tcp", s.Addr, ready)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(ready))
	var sent strings.Builder
	for _, words := range commands {
		fmt.Fprintf(&sent, "*%d\r\n", len(words))
		for _, w := range words {
			fmt.Fprintf(&sent, "$%d\r\n%s\r\n", len(w), w)
		}
	}
	if _, err := io.WriteString(conn, sent.String()); err != nil {
		t.Fatal(err)
	}
	answers := make([]any, len(commands))
	for in, i := bufio.NewReader(conn), 0; i < len(answers); i++ {
		if answers[i], err = answer(in); err != nil {
			t.Fatalf("%s: %v", commands[i][0], err)
		}
	}
	return answers
}

// answer reads one answer of the protocol (redis.io, "RESP2").
func answer(in *bufio.Reader) (any, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, rest := line[0], strings.TrimRight(line[1:], "\r\n")
	if kind == '+' {
		return rest, nil
	}
	if kind == '-' {
		return nil, fmt.Errorf("the server says %s", rest)
	}
	n, err := strconv.Atoi(rest)
	switch {
	case err != nil:
		return nil, err
	case kind == ':':
		return int64(n), nil
	case n < 0:
		return nil, nil
	case kind == '*':
		list := make([]any, n)
		for i := range list {
			if list[i], err = answer(in); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	text := make([]byte, n+2)
	_, err = io.ReadFull(in, text)
	return string(text[:n]), err
}
