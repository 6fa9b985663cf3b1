package main

import (
	"testing"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// The lists are read beside the work: while senhasegura does not answer for them, from the start on, Slack is
// answered as ever, what is asked for is done, and only the names are missing.
func TestListsThatHangHoldNobodyUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	w.firstTry = true
	for _, path := range []string{"*/pam/credential", "*/mysafe/password", "*/mysafe/secretapi"} {
		w.appliance.Inject(senhaseguratest.Fault{Method: "GET", Path: path, Kind: senhaseguratest.Hang})
	}
	w.start()
	card := w.asks(ana, "deactivate 5 leaked")
	contains(t, plainText(card), "name not known")
	contains(t, w.types(ana, "find root"), "cannot read")
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
}
