package approvalstest

import "testing"

// Contract holds a store to each promise of approvals.Store.
func Contract(t *testing.T, maker Maker) {
	t.Run("submit", func(t *testing.T) { play(t, maker, submitting()) })
	t.Run("limits", func(t *testing.T) { play(t, maker, limiting()) })
	t.Run("commit", func(t *testing.T) { play(t, maker, committing()) })
	t.Run("four eyes", func(t *testing.T) { fourEyes(t, maker) })
	t.Run("marks", func(t *testing.T) { play(t, maker, marking()) })
	t.Run("run again", func(t *testing.T) { play(t, maker, rerunning()) })
	t.Run("rewound", func(t *testing.T) { play(t, maker, rewinding()) })
	t.Run("freeze", func(t *testing.T) { play(t, maker, freezing()) })
	t.Run("break-glass", func(t *testing.T) { play(t, maker, breakingGlass()) })
	t.Run("lease", func(t *testing.T) { play(t, maker, leasing()) })
	t.Run("card", func(t *testing.T) { play(t, maker, drawing()) })
	t.Run("indexes", func(t *testing.T) { play(t, maker, indexing()) })
	t.Run("refusals", func(t *testing.T) { play(t, maker, noting()) })
	t.Run("audit", func(t *testing.T) { play(t, maker, auditing()) })
}
