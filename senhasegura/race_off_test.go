//go:build !race

package senhasegura_test

const raceDetector = false
