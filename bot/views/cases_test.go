package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

var noon = time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)

func person(n int, name string) approvals.Person {
	id := fmt.Sprintf("U0PERSON%d", n)
	return approvals.Person{Key: "T1/" + id, User: id, Name: name}
}

var (
	ana   = person(1, "Ana")
	bruno = person(2, "Bruno")
	clara = person(3, "")
)

// nasty is what a hostile person would write to look like something else.
const nasty = "ok <!channel> <@U0PERSON2> <https://evil.example|Done> *bold* _it_ ~s~ `code` ```pre``` &amp; @here #general :tada:\n" +
	"*Approved by:* <@U0PERSON2>\r\n> quote\u2028Needed: 0 \u202Edesrever\u202C zero\u200Bwidth\u2066iso\u2069 bell\a nul\x00 esc\x1b tab\t nbsp\u00a0 \u3164 👩\u200d💻 ✅ é\u0301"

// sane is one request for one credential that the list knows.
func sane() approvals.Request {
	return approvals.Request{
		ID: "R-7K3M9X", Nonce: "bm9uY2Vub25jZW5vbmNlbm8", Team: "T1", Version: 3, State: approvals.Pending,
		Requester: ana, Channel: "C0INCIDENT", ChannelName: "inc-42", Verb: approvals.Deactivate, Kind: approvals.Credential,
		Targets: []approvals.Target{{Ref: "94", ID: "94", Name: "root@db01", Label: "root@db01 · Server, Ubuntu 22.04 · id 94"}},
		Reason:  "key found in a public repository",
		Rule: approvals.Rule{Name: "root in production", Approvals: 2, Expires: 30 * time.Minute,
			Approvers: [][]approvals.Approver{{{Group: "S0PAMLEADS"}, {Person: "U0PERSON9"}}}},
		Eligible: 7, Created: noon, Expires: noon.Add(30 * time.Minute),
	}
}

// worst is the largest and nastiest request there can be.
func worst(v approvals.Verb, k approvals.Kind, n int) approvals.Request {
	r := sane()
	r.Verb, r.Kind = v, k
	r.Targets = nil
	for i := range n {
		ref := fmt.Sprintf("9999999999999999%02d", i)
		t := approvals.Target{Ref: ref, ID: ref, Name: "svc-account-with-a-long-name@host", Rotates: true,
			Label: cut("svc_<!here>*admin*@db"+fmt.Sprint(i)+"\n\u202E"+strings.Repeat("x", 60)+" · SSH Key", 60)}
		switch i % 3 {
		case 1:
			t.ReadOnly = true // no credential is, by any list
		case 2:
			t.Label, t.Name, t.Unnamed = "", "", approvals.NotListed
		}
		r.Targets = append(r.Targets, t)
	}
	r.Reason = strings.Repeat("\u200b\u202e", 250) // what takes most room to be shown
	if n == 1 {
		r.Reason = cut(strings.Repeat(nasty+" ", 10), 500)
	}
	r.Rule = approvals.Rule{Name: strings.Repeat(nasty, 3), Approvals: 10, Expires: time.Hour, Strictest: true}
	for i := range 12 {
		var list []approvals.Approver
		for j := range 8 {
			list = append(list, approvals.Approver{Person: fmt.Sprintf("U0APPROVER%d%d", i, j)}, approvals.Approver{Group: fmt.Sprintf("S0GROUP%d%d", i, j)})
		}
		r.Rule.Approvers = append(r.Rule.Approvers, append(list, approvals.Approver{Channel: true, In: []approvals.Approver{{Group: "S0SRE"}}}))
	}
	r.Requester.Name = nasty
	r.Eligible = 4321
	return r
}

// approved gives the request its votes and a run.
func approved(r approvals.Request) approvals.Request {
	r.State = approvals.Approved
	r.Votes = []approvals.Vote{{Person: bruno, At: noon}, {Person: clara, At: noon}}
	r.Approved = noon.Add(time.Minute)
	r.Run = approvals.Run{Number: 1, StartBy: noon.Add(11 * time.Minute)}
	return r
}

// ran ends the request's run; each target takes the next of the results, in a circle.
func ran(r approvals.Request, s approvals.State, results ...approvals.Target) approvals.Request {
	r = approved(r)
	r.State, r.Ended = s, noon.Add(2*time.Minute)
	r.Run.Began, r.Run.Deadline = noon.Add(time.Minute), noon.Add(3*time.Minute)
	for i := range r.Targets {
		result := results[i%len(results)]
		t := &r.Targets[i]
		t.Result, t.Attempts, t.Lost, t.Answer = result.Result, result.Attempts, result.Lost, result.Answer
	}
	return r
}

// setBack closes the request as its record went back.
func setBack(r approvals.Request) approvals.Request {
	after, err := r.Apply(approvals.Event{Kind: approvals.EventRewound, Shown: r.Version + 2}, noon.Add(4*time.Minute))
	if err != nil {
		panic(err)
	}
	return after
}

// two adds a second target.
func two(r approvals.Request) approvals.Request {
	r.Targets = append(r.Targets, approvals.Target{Ref: "95"})
	return r
}

func refused(fault, message string) approvals.Target {
	return approvals.Target{Result: approvals.ResultFailed, Attempts: 1,
		Answer: approvals.Answer{Kind: approvals.AnswerRefused, Fault: fault, Message: message}}
}

var (
	good      = approvals.Target{Result: approvals.ResultDone, Attempts: 1, Answer: approvals.Answer{Kind: approvals.AnswerDone, Message: "Credential disabled successfully"}}
	same      = approvals.Target{Result: approvals.ResultAlready, Attempts: 2, Lost: true, Answer: approvals.Answer{Kind: approvals.AnswerAlready, Message: "1008: Credential inactive"}}
	gone      = approvals.Target{Result: approvals.ResultUnknown, Attempts: 4, Lost: true, Answer: approvals.Answer{Kind: approvals.AnswerLost, Fault: "call.lost"}}
	unsent    = approvals.Target{Result: approvals.ResultNotSent, Attempts: 5, Answer: approvals.Answer{Kind: approvals.AnswerNotSent, Fault: "call.not_sent"}}
	uncalled  = approvals.Target{Result: approvals.ResultNotSent}
	noAccess  = refused("pam.1009", "1009: No access to credential")
	stranger  = refused("", "1234: Something new")
	afterLost = approvals.Target{Result: approvals.ResultFailed, Attempts: 2, Lost: true,
		Answer: approvals.Answer{Kind: approvals.AnswerRefused, Fault: "pam.1009", Message: "1009: No access to credential"}}
	calling = approvals.Target{Attempts: 2, Lost: true, Answer: approvals.Answer{Kind: approvals.AnswerLost, Fault: "call.lost"}}
	waiting = approvals.Target{}
)

// noisy answers with as much text as is ever kept, and another fault each.
func noisy() []approvals.Target {
	var all []approvals.Target
	long := cut(strings.Repeat(nasty, 5), 500)
	for _, fault := range []string{"pam.1007", "pam.1009", "pam.1018", "call.redirect", "gateway.client_authentication", "changed", "unsealed", ""} {
		all = append(all, refused(fault, long))
	}
	lost := gone
	lost.Answer.Message = long
	return append(all, lost, unsent, uncalled)
}

// named is one request of the tests.
type named struct {
	name string
	r    approvals.Request
	// again offers running again.
	again bool
	// away says that senhasegura does not answer.
	away bool
}

func (n named) context(lang string) Context {
	return Context{Printer: messages.For(lang), RunAgain: n.again, Away: n.away}
}

func decided(s approvals.State, d approvals.Decision) approvals.Request {
	r := sane()
	d.At = noon
	r.State, r.Decision, r.Ended = s, d, noon.Add(5*time.Minute)
	return r
}

// ended are requests as they stand at the end, or at unknown.
func ended() []named {
	release := sane()
	release.Verb, release.Targets[0].Rotates = approvals.Release, true
	tooLate := ran(sane(), approvals.Failed, uncalled)
	tooLate.Run.Began, tooLate.Run.Deadline = time.Time{}, time.Time{}
	checked := ran(sane(), approvals.Done, approvals.Target{Result: approvals.ResultDone, Lost: true, Answer: approvals.Answer{Kind: approvals.AnswerChecked}})
	checked.Checked = approvals.Checked{By: bruno, At: noon, Done: true, Note: "disabled in the list, " + nasty}
	notDone := ran(sane(), approvals.Failed, approvals.Target{Result: approvals.ResultFailed, Lost: true, Answer: approvals.Answer{Kind: approvals.AnswerChecked}})
	notDone.Checked = approvals.Checked{By: clara, At: noon}
	setBackChecked := setBack(approved(sane()))
	setBackChecked.State, setBackChecked.Checked = approvals.Failed, notDone.Checked
	setBackChecked.Targets[0].Result, setBackChecked.Targets[0].Answer.Kind = approvals.ResultFailed, approvals.AnswerChecked
	outvoted := decided(approvals.Denied, approvals.Decision{By: bruno, Reason: "wrong host, look again"})
	outvoted.Votes = []approvals.Vote{{Person: clara, At: noon}}
	return []named{
		{name: "done", r: ran(sane(), approvals.Done, good)},
		{name: "done, one already", r: ran(two(sane()), approvals.Done, good, same)},
		{name: "done, checked by a person", r: checked},
		{name: "failed", r: ran(sane(), approvals.Failed, noAccess)},
		{name: "failed after a lost answer", r: ran(sane(), approvals.Failed, afterLost)},
		{name: "failed, release not in custody", r: ran(release, approvals.Failed, refused("pam.1018", "1018: The credential is not in the user custody"))},
		{name: "failed, begun too late", r: tooLate},
		{name: "failed, not reached", r: ran(sane(), approvals.Failed, unsent)},
		{name: "failed, changed since approved", r: ran(sane(), approvals.Failed, refused("changed", ""))},
		{name: "failed, no explanation", r: ran(sane(), approvals.Failed, stranger)},
		{name: "failed, checked by a person", r: notDone},
		{name: "partial", r: ran(two(sane()), approvals.Partial, good, refused("pam.1007", "1007: Credential not found"))},
		{name: "unknown", r: ran(sane(), approvals.Unknown, gone), again: true},
		{name: "unknown, set back while it waited", r: setBack(sane())},
		{name: "unknown, set back while it ran", r: setBack(ran(two(sane()), approvals.Running, good, calling))},
		{name: "failed, set back and checked", r: setBackChecked},
		{name: "unknown release", r: ran(two(release), approvals.Unknown, gone, uncalled)},
		{name: "denied after one approval", r: outvoted},
		{name: "cancelled by the bot: policy", r: decided(approvals.Cancelled, approvals.Decision{Cause: approvals.CausePolicy, Reason: "API secrets"})},
		{name: "cancelled by the bot: requester", r: decided(approvals.Cancelled, approvals.Decision{Cause: approvals.CauseRequester})},
		{name: "cancelled by the bot: card", r: decided(approvals.Cancelled, approvals.Decision{Cause: approvals.CauseCard, Reason: "not_in_channel"})},
		{name: "expired", r: decided(approvals.Expired, approvals.Decision{})},
	}
}

// freeze is one by Clara, who has no name.
func freeze(reason string) approvals.Freeze {
	return approvals.Freeze{By: clara, Reason: reason, At: noon}
}

// underway are requests on their way, and the one end that gets no reply.
func underway() []named {
	release := two(sane())
	release.Verb, release.Targets[0].Rotates, release.Reason = approvals.Release, true, ""
	release.Rule = approvals.Rule{Approvals: 1, Strictest: true, Approvers: [][]approvals.Approver{{{Channel: true, In: []approvals.Approver{{Group: "S0SRE"}, {Group: "S0SEC"}}}}}}
	release.Eligible = 1
	several := release
	several.Targets = append(slices.Clone(release.Targets), approvals.Target{Ref: "94", ID: "94", Label: "root@db02 · id 94"}, approvals.Target{Ref: "999", Unnamed: approvals.NotListed})
	alone := sane()
	alone.Verb, alone.Targets[0].Rotates = approvals.Release, true
	unmoved := sane()
	unmoved.Verb = approvals.Release
	unread := sane()
	unread.Verb, unread.Targets = approvals.Release, []approvals.Target{{Ref: "94", Unnamed: approvals.ListUnread}}
	readOnly := sane()
	readOnly.Kind, readOnly.Targets = approvals.Secret, []approvals.Target{{Ref: "43", ID: "43", Label: "mailer · id 43", ReadOnly: true}}
	voted := sane()
	voted.Targets[0].Label = "root@db01 · SSH Key · id 94"
	voted.Votes, voted.Lapsed = []approvals.Vote{{Person: bruno, At: noon}}, []approvals.Person{clara}
	again := ran(two(sane()), approvals.Running, good, calling)
	again.Run.Number, again.Run.By = 2, bruno
	return []named{
		{name: "pending", r: sane()},
		{name: "pending, voted and lapsed", r: voted},
		{name: "pending release", r: release},
		{name: "approved", r: approved(sane())},
		{name: "running", r: ran(two(sane()), approvals.Running, calling, waiting)},
		{name: "running again", r: again},
		{name: "running, not called yet", r: ran(two(sane()), approvals.Running, waiting)},
		{name: "running, senhasegura away", r: ran(two(sane()), approvals.Running, good, waiting), away: true},
		{name: "cancelled by the requester", r: decided(approvals.Cancelled, approvals.Decision{By: ana})},
		{name: "pending release of several", r: several},
		{name: "pending release, rotates", r: alone},
		{name: "pending release, does not rotate", r: unmoved},
		{name: "pending release, list not read", r: unread},
		{name: "pending, read-only", r: readOnly},
	}
}

// worstCases are the largest messages of each state and operation.
func worstCases() []named {
	var all []named
	for _, op := range []struct {
		v approvals.Verb
		k approvals.Kind
	}{
		{approvals.Activate, approvals.Credential}, {approvals.Deactivate, approvals.Credential}, {approvals.Release, approvals.Credential},
		{approvals.Activate, approvals.Password}, {approvals.Deactivate, approvals.Password},
		{approvals.Activate, approvals.Secret}, {approvals.Deactivate, approvals.Secret},
	} {
		for _, n := range []int{1, 20} {
			for _, s := range approvals.States() {
				if op.v != approvals.Release && s != approvals.Pending && s != approvals.Unknown {
					continue // these differ between the operations by nothing but the phrase
				}
				all = append(all, named{name: fmt.Sprintf("%s %s %d %s", op.v, op.k, n, s), r: worstIn(s, worst(op.v, op.k, n)), again: true})
			}
		}
	}
	return all
}

func worstIn(s approvals.State, r approvals.Request) approvals.Request {
	switch s {
	case approvals.Pending:
		r.Votes, r.Lapsed = approved(r).Votes, []approvals.Person{bruno, clara}
	case approvals.Approved:
		r = approved(r)
	case approvals.Denied, approvals.Cancelled, approvals.Expired:
		r.State, r.Ended, r.Decision = s, noon, approvals.Decision{By: approvals.Person{User: "U0PERSON2", Name: nasty}, Reason: r.Reason}
	case approvals.Running:
		r = ran(r, s, calling, waiting, good)
	default:
		r = ran(r, s, noisy()...)
		r.Checked = approvals.Checked{By: bruno, Note: r.Reason}
		r.Run.By = bruno
	}
	return r
}
