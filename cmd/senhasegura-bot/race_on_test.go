//go:build race

package main

// buildFlags: under the race detector the processes run under it too.
var buildFlags = []string{"-race"}
