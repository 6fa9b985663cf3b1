package main

import (
	"errors"
	"fmt"
	"io"
)

// runPolicyCheck is `policy check`: it prints every fault and warning of the
// policy at path and returns the exit status, 1 if there is a fault. Handles
// are not looked up: that needs the workspace, which serve asks.
func runPolicyCheck(w io.Writer, path string) int {
	file, err := LoadPolicy(path)
	if faults, ok := errors.AsType[*PolicyFaults](err); ok {
		fmt.Fprintln(w, faults)
		return 1
	}
	for _, warning := range file.Warnings {
		fmt.Fprintln(w, Fault{warning.position, "warning: " + warning.Message}.line(path))
	}
	rules := "rules"
	if len(file.Policy.Rules) == 1 {
		rules = "rule"
	}
	fmt.Fprintf(w, "%s: good, %d %s and the defaults\n", path, len(file.Policy.Rules), rules)
	return 0
}
