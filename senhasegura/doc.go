// Package senhasegura is a client for the senhasegura PAM (now Segura): the seven calls that switch
// credentials, passwords and API secrets on or off or give custody back, and the three lists that tell
// what there is to switch.
//
// # Model
//
// A Client speaks to one appliance. PAM Core and MySafe are two modules with a client id, a secret and
// a token of their own. Each write is one HTTP request, and each ends in one of three ways:
//
//   - an Answer: senhasegura said it is done, or (Answer.Already) that it was so before;
//   - an *Error for which Unchanged is true: nothing was changed, and Kind says why;
//   - an *Error of KindLost: the request left and no readable answer came back. Anything may have happened.
//
// Everything else in the package exists to keep the third one rare and never to mistake it for the first two.
//
//	client, err := senhasegura.New(senhasegura.Config{
//		URL: base,
//		PAM: senhasegura.Credentials{ID: "…", Secret: func() string { return secret }},
//	})
//	ctx = senhasegura.WithGate(ctx, func(context.Context) error { return stillMine() })
//	answer, err := client.DeactivateCredential(ctx, "root@db01")
//
// Before a write its caller asks Admit for leave, and says with Done what the write came to. Five in a row
// that found nobody (not sent, or lost: no answer, or a 5xx) open the breaker: then there is no leave, for either
// module, but for one call at a time, the probe, after 1, 2, 4, 8 and from then on 15 seconds. Any answer closes it, a refusal
// too. A 429 is an answer, and takes leave from its module for as long as it says, at most a minute.
//
//	permit := client.Admit(senhasegura.PAMCore) // nil: not now
//	answer, err := client.DeactivateCredential(ctx, "root@db01")
//	permit.Done(err)
//
// Who examines an installation asks with the same client: Connect shows who takes the connection and what
// became of the certificates, AskToken how long a token lives, and Config.Heard the head of each answer. They
// send no more than what every call begins with.
//
// # What it does not do
//
// It never reads a single item: such a GET returns the clear password and takes custody. It follows no
// redirect: Go would turn a redirected DELETE into that GET, with the bearer token. It repeats nothing
// except after a refused token; whether anything else may be asked for again is for the caller to decide.
// It explains nothing to people: Code.Key is a stable handle for a message catalogue elsewhere.
//
// # Why it is built this way
//
// Each request has a connection of its own. On one that is used again, bytes too many are taken for the next
// request's answer: a gateway that answered a call twice made 79 of 8,000 releases that were refused look done
// (16 callers at once, net/http of Go 1.26, where the end of an answer hands the connection to whoever waits for
// one before it is looked at). And a server that closes an idle connection just as the next call goes out leaves
// that call's outcome unknown. A call that two people approved may cost a handshake.
//
// Connections are wrapped (conn) and TLS is done by the dialer, so that the client counts the bytes of
// each request itself: what ended before the first of them is a certain "not sent".
//
// The gate runs in httptrace's GotConn: after waiting for a token and a connection, which may take
// seconds, and before the first byte. When it refuses, the connection is shut before net/http is handed it.
//
// HTTP/2 is off, because its transport repeats requests by rules of its own. No proxy is taken from the
// environment: a privileged write should not change its way because of a variable; appliances are
// reached directly, and a proxy is one more place that answers HTML.
//
// The breaker is our own. sony/gobreaker has one pause where ours grows, ignores the answer to a call from
// before it opened, and would need a second lock beside it for the 429 and for how much leave is out. Leave is given for no more
// calls at once than may be under way, because what has leave still goes out when the breaker opens. What
// the gate refused, and what the caller broke off, says nothing about the appliance. Lists are held back with
// the calls, and count for nothing themselves: that one can be read does not say that writes are answered, and
// that a large one takes too long does not say the opposite.
//
// No time is taken from the appliance's clock: a token's life and a Retry-After are spans, and where the latter
// is a date, the answer's own Date says how far off it is.
//
// The facts about the API come from the vendor's manuals 3.32, 3.33 and 4.x; comments name the page.
// No appliance was at hand: what is inferred is called inferred where the code rests on it.
package senhasegura
