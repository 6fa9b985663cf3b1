// Command senhasegura-bot lets two people in Slack make a privileged change in
// senhasegura. See README.md; the wiring is in wiring.go and serve.go, top to bottom.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], console{environ: os.Environ(), out: os.Stdout, err: os.Stderr}))
}
