package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"
)

// TestStopIsBounded: the process ends in time whatever hangs, and says what its
// work came to where that ended.
func TestStopIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, stop)
		hangs := make(chan struct{})
		began := time.Now()
		err := inTime(ctx, slog.New(slog.DiscardHandler), func() error { <-hangs; return errors.New("too late") })
		if took := time.Since(began); err != nil || took != time.Hour+stopLimit || stopLimit >= limit {
			t.Errorf("after %s: %v", took, err)
		}
		close(hangs)
		failed := errors.New("failed")
		if err := inTime(ctx, nil, func() error { return failed }); err != failed {
			t.Errorf("got %v", err)
		}
	})
}
