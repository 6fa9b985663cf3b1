package approvals

import (
	"context"
	"time"
)

// Times of the end of a run here. The process that stops has them within what
// is left to it: see Sweeper.Run.
const (
	closeWithin  = 5 * time.Second // giving it back, or ending it at its deadline
	brokenWithin = 2 * time.Second // the same, and storing an answer, once everything is broken off
	renewWithin  = 2 * time.Second // the run is not given back while this hangs
)

// lastly bounds the last step of a run, which is made though ctx has ended.
func (x *execution) lastly(ctx context.Context) (context.Context, context.CancelFunc) {
	within := closeWithin
	if ctx.Err() != nil {
		within = brokenWithin
	}
	return context.WithTimeout(context.WithoutCancel(ctx), within)
}

// renewed asks once for more of the lease.
func (x *execution) renewed(ctx context.Context, id string, fence int64) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, renewWithin)
	defer cancel()
	return x.desk.Store.Renew(ctx, id, fence, x.desk.Lease)
}
