package redistest

import (
	"strconv"
	"testing"
)

// Copy is all that a server held at an instant: the commands that put it back.
type Copy [][]string

// Copy takes a copy of all keys.
func (s *Server) Copy(t testing.TB) Copy {
	t.Helper()
	var c Copy
	for _, name := range s.Must(t, "KEYS", "*").([]any) {
		key := name.(string)
		found := s.all(t, []string{"DUMP", key}, []string{"PTTL", key})
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
	s.all(t, commands...)
}

func (s *Server) all(t testing.TB, commands ...[]string) []any {
	t.Helper()
	answers, err := s.do(commands...)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}
