package senhasegura_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// sort is one sort of call: what sets a state in PAM Core, what gives custody back, what sets a state in MySafe.
type sort struct {
	name string
	call func(context.Context, *senhasegura.Client) (senhasegura.Answer, error)
	path string // of its request
	set  func(senhaseguratest.Data) bool
}

func sorts() []sort {
	return []sort{
		{"deactivate", writes()[1].run, "*/credential/5", func(d senhaseguratest.Data) bool { c, _ := d.Credential(5); return c.Inactive }},
		{"release", writes()[3].run, "*/custody/12", func(d senhaseguratest.Data) bool { c, _ := d.Credential(12); return c.Custody == "" }},
		{"MySafe", writes()[5].run, "*/password/inactive/10", func(d senhaseguratest.Data) bool { p, _ := d.Password(10); return p.Inactive }},
	}
}

// outcome holds one call to what it must come to: the kind of its answer, how many requests arrived for it, and
// that nothing is said which the appliance does not confirm.
func (l *lab) outcome(s sort, want senhasegura.Kind, requests int) *senhasegura.Error {
	l.t.Helper()
	answer, err := s.call(l.t.Context(), l.client)
	acted := s.set(l.appliance.Items())
	if n := len(l.appliance.Writes()); n != requests {
		l.t.Errorf("%d requests arrived, want %d: %v", n, requests, l.appliance.Writes())
	}
	if want == done {
		if err != nil || answer.Already || !acted {
			l.t.Errorf("got %+v, %v, and it is so: %v", answer, err, acted)
		}
		return nil
	}
	e := mustFail(l.t, err, want)
	if e.Unchanged() == (want == senhasegura.KindLost) || e.Unchanged() && acted {
		l.t.Errorf("it was changed: %v, but %+v", acted, e)
	}
	return e
}

// TestUnkindConnections: however the answer comes or ends, each sort of call is sent once and judged right.
func TestUnkindConnections(t *testing.T) {
	const quick = 2 * time.Second // and what takes longer
	type fault = senhaseguratest.Fault
	for name, c := range map[string]struct {
		fault   fault
		want    senhasegura.Kind
		timeout time.Duration
	}{
		"dropped":                        {fault{Kind: senhaseguratest.Drop}, senhasegura.KindLost, 0},
		"dropped after it acted":         {fault{Kind: senhaseguratest.Drop, Act: true}, senhasegura.KindLost, 0},
		"reset after it acted":           {fault{Kind: senhaseguratest.Reset, Act: true}, senhasegura.KindLost, 0},
		"cut in the headers":             {fault{Kind: senhaseguratest.Cut}, senhasegura.KindLost, 0},
		"cut in a TLS record":            {fault{Kind: senhaseguratest.TLSCut}, senhasegura.KindLost, 0},
		"headers in drips":               {fault{Kind: senhaseguratest.DripHeaders, DelayMS: 1000}, senhasegura.KindLost, quick},
		"headers in quick drips":         {fault{Kind: senhaseguratest.DripHeaders, DelayMS: 1}, done, 0},
		"longer than it is":              {fault{Kind: senhaseguratest.TooShort}, senhasegura.KindLost, quick},
		"shorter than it is":             {fault{Kind: senhaseguratest.TooLong}, senhasegura.KindLost, 0},
		"a chunk of no size":             {fault{Kind: senhaseguratest.BadChunk}, senhasegura.KindLost, 0},
		"no last chunk":                  {fault{Kind: senhaseguratest.OpenChunk}, senhasegura.KindLost, 0},
		"compressed unasked":             {fault{Kind: senhaseguratest.Gzip}, senhasegura.KindLost, 0},
		"HTTP/1.0":                       {fault{Kind: senhaseguratest.HTTP10}, done, 0},
		"early hints":                    {fault{Kind: senhaseguratest.Hints}, done, 0},
		"102 first":                      {fault{Kind: senhaseguratest.Hints, Status: 102}, done, 0},
		"early, 413 without an envelope": {fault{Kind: senhaseguratest.Early}, senhasegura.KindLost, 0},
		"early refusal":                  {fault{Kind: senhaseguratest.Early, Status: 400, Body: refusal(400, 1009, "1009: No access")}, senhasegura.KindRefused, 0},
		"closed behind the answer":       {fault{Kind: senhaseguratest.DropIdle}, done, 0},
		"closed at the next request":     {fault{Kind: senhaseguratest.DropNext, Act: true}, done, 0},
		"answered twice":                 {fault{Kind: senhaseguratest.Twice}, done, 0},
		"429, wait until a date":         {fault{Kind: senhaseguratest.RateLimited, RetryAfter: "Mon, 02 Jan 2012 03:04:17 GMT"}, senhasegura.KindRateLimited, 0},
		"a redirect elsewhere":           {fault{Kind: senhaseguratest.Redirect, Location: "https://elsewhere.example/"}, senhasegura.KindRedirect, 0},
	} {
		for _, s := range sorts() {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				l := newTLSLab(t, c.timeout)
				bad := c.fault // which the other sorts share
				bad.Path = s.path
				l.appliance.Inject(bad)
				l.outcome(s, c.want, 1)
				l.appliance.ClearFaults()
				if _, err := l.client.ListCredentials(t.Context()); err != nil { // nothing is left over for the next request
					t.Errorf("the request after it: %v", err)
				}
			})
		}
	}
}

// newTLSLab is a lab whose appliance is reached over TLS; a timeout of zero is the lab's usual.
func newTLSLab(t *testing.T, timeout time.Duration) *lab {
	t.Helper()
	l := &lab{t: t, appliance: senhaseguratest.New(senhaseguratest.Config{
		PAM:    senhaseguratest.Client{ID: "pam-client", Secret: pamSecret},
		MySafe: senhaseguratest.Client{ID: "mysafe-client", Secret: mySafeSecret}, Data: senhaseguratest.Sample()})}
	l.server = httptest.NewTLSServer(l.appliance)
	c := bothModules()
	if timeout != 0 {
		c.CallTimeout = timeout
	}
	roots := x509.NewCertPool()
	roots.AddCert(l.server.Certificate())
	c.URL, c.TLS = mustURL(t, l.server.URL), &tls.Config{RootCAs: roots}
	l.client = newClient(t, c)
	for _, list := range lists() { // the tokens are there before anything is timed
		list.run(t.Context(), l.client)
	}
	t.Cleanup(func() { l.appliance.ClearFaults(); l.server.Close() })
	return l
}

// TestUnkindWords: an answer may differ from the documented form in every way the manuals' pages do, and still
// is a success, a refusal with its number, or the word that it was so already.
func TestUnkindWords(t *testing.T) {
	for _, known := range senhaseguratest.Irregularities() {
		for _, s := range sorts() {
			t.Run(known.Name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t, nil)
				l.appliance.Inject(senhaseguratest.Fault{Kind: senhaseguratest.IrregularAnswer, Name: known.Name})
				l.outcome(s, done, 1)
				answer, err := s.call(t.Context(), l.client)
				switch {
				case s.name == "release": // it cannot be given back twice
					if e := mustFail(t, err, senhasegura.KindRefused); e.Code != 1018 || !e.Definite() {
						t.Errorf("got %+v", e)
					}
				case err != nil, !answer.Already && (known.Name != "other_wording" || s.name != "MySafe"): // there only the wording tells
					t.Errorf("the second time: %+v, %v", answer, err)
				}
				l.appliance.SetItems(senhaseguratest.Data{})
				code := map[bool]int{false: 1007, true: 1005}[s.name == "MySafe"]
				_, err = s.call(t.Context(), l.client)
				if e := mustFail(t, err, senhasegura.KindRefused); e.Code != code || !e.Definite() || !e.Unchanged() {
					t.Errorf("got %+v, want %d", e, code)
				}
			})
		}
	}
}

// documentedKinds is what each text of gateway and server means for a call, whatever its sort.
var documentedKinds = map[string]senhasegura.Kind{
	"gateway.resource_not_found": senhasegura.KindRefused, "gateway.not_authorized": senhasegura.KindRefused,
	"gateway.client_authentication": senhasegura.KindAuth, "gateway.invalid_signature": senhasegura.KindAuth, "gateway.no_route": senhasegura.KindAuth,
	"gateway.unexpected_error": senhasegura.KindLost, "gateway.timed_out": senhasegura.KindLost, "gateway.invalid_upstream": senhasegura.KindLost,
	"gateway.upstream_timeout": senhasegura.KindLost, "gateway.rate_limited": senhasegura.KindRateLimited,
}

// TestUnkindDocumentedAnswers: each answer the documents print, given to each sort of call.
func TestUnkindDocumentedAnswers(t *testing.T) {
	for _, a := range senhaseguratest.Documented() {
		failed := strings.Contains(a.Body, `"error": true`) || strings.HasPrefix(a.Name, "gateway.")
		if !failed { // the successes are in outcome_test.go and traps_test.go, with the calls they belong to
			continue
		}
		for _, s := range sorts() {
			t.Run(a.Name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t, nil)
				l.appliance.Inject(senhaseguratest.Fault{Kind: senhaseguratest.DocumentedAnswer, Name: a.Name, Path: s.path})
				if a.Name == "pam.1008" && s.name == "deactivate" {
					if answer, err := s.call(t.Context(), l.client); err != nil || !answer.Already {
						t.Errorf("got %+v, %v", answer, err)
					}
					return
				}
				want, gateway := documentedKinds[a.Name]
				if !gateway {
					want = senhasegura.KindRefused
				}
				requests := 1
				if want == senhasegura.KindAuth { // asked once more, with another token
					requests = 2
				}
				e := l.outcome(s, want, requests)
				known, _ := e.Explain()
				if e.Kind == senhasegura.KindRateLimited {
					return // known by its status
				}
				if own := a.Module == "" || a.Module == string(e.Module); own && a.Name != known.Key && !strings.HasPrefix(a.Name, known.Key+".") {
					t.Errorf("explained as %q: %+v", known.Key, e)
				}
			})
		}
	}
}

// TestEveryCodeIsDocumentedSomewhere: the client explains nothing that the stand-in cannot say.
func TestEveryCodeIsDocumentedSomewhere(t *testing.T) {
	for _, code := range senhasegura.All() {
		found := false
		for _, a := range senhaseguratest.Documented() {
			found = found || a.Name == code.Key || strings.HasPrefix(a.Name, code.Key+".")
		}
		if !found {
			t.Errorf("%s is not among the documented answers", code.Key)
		}
	}
}

// TestUnkindTokens: whatever the token endpoint answers, a call without a good token is not sent or changes
// nothing, and one with a good token is made.
func TestUnkindTokens(t *testing.T) {
	set := func(key string, value any) senhaseguratest.Fault {
		return senhaseguratest.Fault{Kind: senhaseguratest.Edited, Set: map[string]any{key: value}}
	}
	kind := func(k senhaseguratest.FaultKind, times int) senhaseguratest.Fault {
		return senhaseguratest.Fault{Kind: k, Times: times}
	}
	for name, c := range map[string]struct {
		fault    senhaseguratest.Fault
		want     senhasegura.Kind
		requests int // of the call
	}{
		"expires_in is text":       {set("expires_in", "3600"), done, 1},
		"expires_in is 0":          {set("expires_in", 0), done, 1},
		"expires_in is missing":    {set("expires_in", nil), done, 1},
		"expires_in is negative":   {set("expires_in", -5), done, 1},
		"expires_in is no number":  {set("expires_in", "soon"), senhasegura.KindNotSent, 0},
		"token_type is missing":    {set("token_type", nil), done, 1},
		"token_type is bearer":     {set("token_type", "bearer"), done, 1},
		"access_token is missing":  {set("access_token", nil), senhasegura.KindNotSent, 0},
		"access_token is empty":    {set("access_token", ""), senhasegura.KindNotSent, 0},
		"access_token is a number": {set("access_token", 17), senhasegura.KindNotSent, 0},
		"access_token has a break": {set("access_token", "a\r\nX: y"), senhasegura.KindNotSent, 0},
		"access_token is another":  {set("access_token", "of somebody else"), senhasegura.KindAuth, 2},
		"more beside it":           {set("tenant", "default"), done, 1},
		"lapses at once":           {kind(senhaseguratest.TokenLapses, 0), senhasegura.KindAuth, 2},
		"the first lapses at once": {kind(senhaseguratest.TokenLapses, 1), done, 2},
		"HTTP/1.0":                 {kind(senhaseguratest.HTTP10, 0), done, 1},
		"early hints":              {kind(senhaseguratest.Hints, 0), done, 1},
		"compressed unasked":       {kind(senhaseguratest.Gzip, 0), senhasegura.KindNotSent, 0},
		"truncated":                {kind(senhaseguratest.Truncated, 0), senhasegura.KindNotSent, 0},
		"no last chunk":            {kind(senhaseguratest.OpenChunk, 0), senhasegura.KindNotSent, 0},
		"dropped":                  {kind(senhaseguratest.Drop, 0), senhasegura.KindNotSent, 0},
		"an empty answer":          {kind(senhaseguratest.Empty, 0), senhasegura.KindNotSent, 0},
		"huge":                     {kind(senhaseguratest.Huge, 0), senhasegura.KindNotSent, 0},
		"answered twice":           {kind(senhaseguratest.Twice, 0), done, 1},
		"closed at the next one":   {kind(senhaseguratest.DropNext, 0), done, 1}, // which has a connection of its own
		"invalid_client":           {senhaseguratest.Fault{Kind: senhaseguratest.DocumentedAnswer, Name: "gateway.client_authentication"}, senhasegura.KindAuth, 0},
		"request timed out":        {senhaseguratest.Fault{Kind: senhaseguratest.DocumentedAnswer, Name: "gateway.timed_out"}, senhasegura.KindNotSent, 0},
		"unexpected error":         {kind(senhaseguratest.Unexpected, 0), senhasegura.KindNotSent, 0},
		"a page":                   {kind(senhaseguratest.HTML, 0), senhasegura.KindNotSent, 0},
	} {
		for _, s := range sorts() {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				l := newLab(t, nil)
				fault := c.fault
				fault.Path = "*/oauth2/token"
				l.appliance.Inject(fault)
				e := l.outcome(s, c.want, c.requests)
				if e != nil && e.Sent != (c.requests > 0) {
					t.Errorf("got %+v", e)
				}
			})
		}
	}
}

// TestNeverHalfAList: however it comes or ends, a list is whole or it is an error.
func TestNeverHalfAList(t *testing.T) {
	const whole = 12
	for _, known := range senhaseguratest.Kinds() {
		t.Run(string(known.Kind), func(t *testing.T) {
			t.Parallel()
			f := senhaseguratest.Fault{Path: "*/pam/credential", Kind: known.Kind, DelayMS: 1}
			switch known.Kind {
			case senhaseguratest.DocumentedAnswer:
				f.Name = "pam.1039"
			case senhaseguratest.IrregularAnswer:
				f.Name = "flags_as_text"
			case senhaseguratest.Edited:
				f.Set = map[string]any{"credentials": map[string]any{}}
			}
			l := newLab(t, func(_ *senhaseguratest.Config, c *senhasegura.Config) { c.ListTimeout = time.Second })
			l.appliance.Inject(f)
			if list, err := l.client.ListCredentials(t.Context()); err == nil && len(list) != whole || err != nil && list != nil {
				t.Errorf("got %d of %d, %v", len(list), whole, err)
			}
		})
	}
}
