//go:build race

package senhasegura_test

// raceDetector takes time and memory of its own: nothing is measured under it.
const raceDetector = true
