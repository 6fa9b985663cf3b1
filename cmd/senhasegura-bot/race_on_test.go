//go:build race

package main

// perCore is how many scenarios run beside each other on each core: most of the
// time they wait, if less so here.
const perCore = 4

// buildFlags: under the race detector the processes run under it too.
var buildFlags = []string{"-race"}
