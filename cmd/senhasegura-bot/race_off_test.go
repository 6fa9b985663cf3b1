//go:build !race

package main

// perCore is how many scenarios run beside each other on each core: most of the
// time they wait.
const perCore = 6

var buildFlags []string
