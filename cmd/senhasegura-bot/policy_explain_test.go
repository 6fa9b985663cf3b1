package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what the program says into the scripts")

// TestPolicyExplain runs the built binary, without a network, over the scripts
// in testdata/explain.
func TestPolicyExplain(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/explain",
		UpdateScripts: *update,
		Cmds:          map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(path))
			return nil
		},
	})
}

// exits runs a program that must end with the status named first.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits status program [args]")
	}
	status := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		ended, is := errors.AsType[*exec.ExitError](err)
		if !is {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		status = ended.ExitCode()
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("exit status %d, want %s", status, args[0])
	}
}

// TestREADMEExplain: what the README shows is what the README's command says
// of the README's files.
func TestREADMEExplain(t *testing.T) {
	files, commands, shown := fenced(t, "yaml"), fenced(t, "sh"), fenced(t, "text")[0]
	i := slices.IndexFunc(commands, func(c string) bool { return strings.Contains(c, "policy explain") })
	words := strings.Fields(commands[i])[1:]
	t.Chdir(t.TempDir())
	for name, src := range map[string]string{"policy.yml": files[0], "members.yml": files[1]} {
		if err := os.WriteFile(name, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if status := run(words, console{out: &out, err: &out}); status != exitGood {
		t.Errorf("exit status %d", status)
	}
	if diff := cmp.Diff(shown, out.String()); diff != "" {
		t.Errorf("the README shows (-) and the program says (+)\n%s\n%s", diff, out.String())
	}
}
