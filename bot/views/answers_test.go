package views

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

const permalink = "https://stand-in.slack.example/archives/C0INCIDENT/p1773057600000100?a=1&b=2"

func answersIn(lang string) map[string]Message {
	p := messages.For(lang)
	r, done := sane(), ran(sane(), approvals.Done, good)
	links := map[string]string{r.ID: permalink}
	found := commands.Search{Text: "db01 " + nasty, Known: true, More: true, Found: []commands.Found{
		{Kind: approvals.Credential, ID: "94", Label: "root@db01 · Server, Ubuntu 22.04 · id 94"},
		{Kind: approvals.Password, ID: "7", Label: nasty},
		{Kind: approvals.Credential, ID: "21", Label: "deploy@web02 · SSH Key · id 21", Key: true},
		{Kind: approvals.Secret, ID: "43", Label: "mailer · id 43", ReadOnly: true},
	}}
	flagged := sane()
	flagged.Verb, flagged.Targets[0].Rotates = approvals.Release, true
	flagged.Targets = append(flagged.Targets, approvals.Target{Ref: "999", Unnamed: approvals.NotListed})
	return map[string]Message{
		"requested":            Requested(p, r),
		"requested, flagged":   Requested(p, flagged),
		"cancelled":            CancelledByYou(p, r),
		"pointer":              Pointer(p, r, permalink),
		"pointer, no link":     Pointer(p, r, ""),
		"not the card":         NotTheCard(p, r, permalink),
		"no form, command":     NoForm(p, "/pam"),
		"no form, click":       NoForm(p, ""),
		"status, pending":      Status(r, Context{Printer: p}, permalink),
		"status, done":         Status(done, Context{Printer: p}, ""),
		"pending, none":        Pending(p, nil, nil, 0),
		"pending, two":         Pending(p, []approvals.Request{r, worst("release", "credential", 20)}, links, 3),
		"found":                Found(p, "/pam", found),
		"found, not all lists": Found(p, "/pam", commands.Search{Text: "db01", Found: []commands.Found{{Kind: approvals.Credential, ID: "5", Label: "root@db01 · id 5"}}}),
		"found, none":          Found(p, "/pam", commands.Search{Text: "rot@db01", Known: true, Near: []commands.Found{{Kind: approvals.Credential, ID: "5", Label: "root@db01 · id 5"}, {Kind: approvals.Secret, ID: "43", Label: "rotbd · id 43", ReadOnly: true}}}),
		"found, not readable":  Found(p, "/pam", commands.Search{Text: "root"}),
		"help":                 Help(p, "/cofre", true),
		"explain 1008":         Explain(p, "/pam", "1008", commands.Meanings("1008")),
		"explain 1005":         Explain(p, "/pam", "1005", commands.Meanings("1005")),
		"explain text":         Explain(p, "/pam", "unexpected error", commands.Meanings("unexpected error")),
		"explain 500":          Explain(p, "/pam", "500", commands.Meanings("500")),
		"explain nothing":      Explain(p, "/pam", nasty, nil),
		"frozen":               FreezeBegan(p, "/pam", freeze(nasty), []approvals.Approver{{Group: "S0SEC"}, {Person: "U0PERSON9"}}),
		"no longer frozen":     FreezeEnded(p, "U0PERSON9", freeze(nasty)),
		"you froze":            YouFroze(p, "/pam", freeze(nasty), true, false),
		"you froze, silently":  YouFroze(p, "/pam", freeze(nasty), true, true),
		"frozen already":       YouFroze(p, "/pam", freeze(nasty), false, true),
		"you unfroze":          YouUnfroze(p, true, true),
		"not frozen":           YouUnfroze(p, false, false),
		"broken":               Broken(p, shattered(sane())),
		"status, break-glass":  Status(shattered(sane()), Context{Printer: p}, permalink),
		"lost":                 Lost(p, r.ID, 3),
		"lost, told":           LostTold(p, r.ID, true),
		"lost, not closed":     LostTold(p, r.ID, false),
		"requested, meant":     Requested(p, flagged).WithMeant(p, r, "rot@db01 "+nasty, []commands.Choice{offer("5")}),
		"requested, frozen":    Requested(p, r).WithFreeze(p, freeze(nasty)),
	}
}

// offer is one way to deactivate an entry of the list.
func offer(id string) commands.Choice {
	c := commands.Command{Word: commands.Deactivate, Verb: approvals.Deactivate, Kind: approvals.Credential, Targets: []string{id}, Reason: "leaked"}
	return commands.Choice{Command: c, ID: id, Label: "root@db01 · Server, Ubuntu 22.04 · id " + id}
}

// refusalsIn words every refusal there is.
func refusalsIn(t *testing.T, lang string) map[string]Message {
	p := messages.For(lang)
	all := map[string]Message{}
	for _, why := range whys() {
		r := &approvals.Refusal{Why: why, Request: sane(), Rule: sane().Rule, Have: 1, Need: 2, Wait: 12 * time.Second}
		switch why {
		case approvals.WhyDecided:
			r.Request = decided(approvals.Denied, approvals.Decision{By: bruno})
		case approvals.WhyWithdrawn:
			r.Request = decided(approvals.Cancelled, approvals.Decision{Cause: approvals.CauseRequester})
		case approvals.WhyNothingToRerun:
			r.Request = ran(sane(), approvals.Done, good)
		case approvals.WhyRoom:
			r.Request, r.Rule.PostTo = approvals.Request{}, "C0INCIDENT"
		case approvals.WhyTouched:
			r.ID = "R-0LATER1"
		case approvals.WhyReviewed:
			r.Request = signed(shattered(sane()), noon.Add(time.Hour))
		case approvals.WhyOwnReview:
			r.Request = shattered(sane())
		case approvals.WhyNotReviewer:
			r.Request = shattered(sane())
			r.Rule = approvals.Rule{Approvers: r.Request.Glass.Reviewers}
		case approvals.WhyGlassVerb:
			r.Rule = approvals.Rule{Verbs: []approvals.Verb{approvals.Deactivate, approvals.Release}}
		case approvals.WhyGlassReason:
			r.Have, r.Need = 12, approvals.MinGlassReason
		case approvals.WhyRewound:
			r.Request = setBack(sane())
		case approvals.WhyUnreviewed:
			r.Request, r.ID = approvals.Request{}, "R-0EARLY1"
		case approvals.WhyRulesDiffer:
			r.Groups = [][]approvals.Target{{{Ref: "94"}, {Ref: "root@db02"}}, {{Ref: "95"}}}
		case approvals.WhyFrozen:
			r.Freeze = freeze("token of the deploy bot stolen")
		case approvals.WhyUnknownRequest:
			r.Request, r.ID = approvals.Request{}, "R-ABCDEF"
		}
		all[string(why)] = Refused(p, "/pam", r, "U0BOT")
	}
	all["decided, break-glass"] = Refused(p, "", &approvals.Refusal{Why: approvals.WhyDecided, Request: shattered(sane())}, "U0BOT")
	all["frozen, break-glass"] = Refused(p, "/pam", &approvals.Refusal{Why: approvals.WhyFrozen, Freeze: freeze("token stolen")}, "U0BOT")
	all["read late, typed"] = Refused(p, "/pam", &approvals.Refusal{Why: approvals.WhyReadLate}, "U0BOT")
	all["unreviewed with link"] = Refused(p, "/pam", &approvals.Refusal{Why: approvals.WhyUnreviewed, ID: "R-0EARLY1"}, "U0BOT").WithLink(p, permalink)
	all["shared, at birth"] = Refused(p, "/pam", &approvals.Refusal{Why: approvals.WhyShared}, "U0BOT")
	all["decided by two"] = Refused(p, "", &approvals.Refusal{Why: approvals.WhyDecided, Request: approved(sane())}, "U0BOT")
	all["duplicate with link"] = Refused(p, "/pam", &approvals.Refusal{Why: approvals.WhyDuplicate, Request: sane()}, "U0BOT").WithLink(p, permalink)
	all["a reason of another kind"] = Refused(p, "/pam", &approvals.Refusal{Why: "other"}, "U0BOT")
	return all
}

// whys are the refusals that the English catalogue knows, which its own tests
// hold to the constants of package approvals.
func whys() []approvals.Why {
	return []approvals.Why{
		approvals.WhyNotMember, approvals.WhyNotRequester, approvals.WhyNotEligible, approvals.WhyOwnRequest, approvals.WhyAlreadyVoted,
		approvals.WhyDecided, approvals.WhyExpired, approvals.WhyUnknownRequest, approvals.WhyNotYours, approvals.WhyDirectMessage,
		approvals.WhyNotInChannel, approvals.WhyShared, approvals.WhyChannel, approvals.WhyArchived, approvals.WhyRoom, approvals.WhyDenied, approvals.WhyRulesDiffer,
		approvals.WhyReason, approvals.WhyTooFew, approvals.WhyDuplicate, approvals.WhyPersonMinute, approvals.WhyPersonPending, approvals.WhyPending,
		approvals.WhySlack, approvals.WhyStore, approvals.WhyUnconfirmed, approvals.WhyTooLate, approvals.WhyTooOften, approvals.WhyTouched,
		approvals.WhyWithdrawn, approvals.WhyNothingToRerun, approvals.WhyNotReady, approvals.WhyNotConfigured,
		approvals.WhyFrozen, approvals.WhyNotFreezer, approvals.WhyNoFreeze, approvals.WhyFreezeUnconfirmed,
		approvals.WhyNoGlass, approvals.WhyNotGlass, approvals.WhyGlassVerb, approvals.WhyGlassReason, approvals.WhyNoReviewer, approvals.WhyUnreviewed,
		approvals.WhyReviewed, approvals.WhyNotReviewer, approvals.WhyOwnReview, approvals.WhyRewound, approvals.WhyReadLate,
	}
}

// faultsIn words every fault there is, with a hostile word.
func faultsIn(lang string) map[string]Message {
	p := messages.For(lang)
	all := map[string]Message{}
	for _, c := range commands.FaultCodes() {
		f := &commands.Fault{Code: c, Word: "6", Line: "deactivate 5, 6 leaked", Other: "evil.example", Near: []string{"root@db01"}, Length: 21, Max: 20}
		if c == commands.FaultByIDChoice || c == commands.FaultNameChoice {
			f.Lines = []string{"deactivate 5 leaked", "deactivate 6 leaked"}
		}
		switch c {
		case commands.FaultByID, commands.FaultByIDUnknown:
			f.Choices = []commands.Choice{offer("5")}
		case commands.FaultByIDChoice, commands.FaultNameChoice:
			f.Choices = []commands.Choice{offer("5"), offer("6")}
		}
		if c == commands.FaultByID {
			f.Lines = []string{"deactivate 5 leaked"}
		}
		if c == commands.FaultPickedKind {
			f.Other = "password"
		}
		all[string(c)] = Fault(p, "/pam", f)
	}
	all["a hostile word"] = Fault(p, "/pam", &commands.Fault{Code: commands.FaultTarget, Word: nasty, Line: "deactivate 5 " + nasty})
	return all
}

func formsIn(lang string) map[string]slack.ModalViewRequest {
	p := messages.For(lang)
	filled := commands.Command{Verb: approvals.Release, Kind: approvals.Credential, Targets: []string{"5", "6"}, Reason: "stuck"}
	refusal := Refused(p, "/pam", &approvals.Refusal{Why: approvals.WhyTooFew, Rule: sane().Rule, Have: 1, Need: 2}, "U0BOT")
	return map[string]slack.ModalViewRequest{
		"request, empty":     RequestModal(p, commands.Command{}, false),
		"request, filled":    RequestModal(p, filled, true),
		"break-glass, empty": GlassModal(p, commands.Command{}, nil, glassPolicy()),
		"break-glass, filled": GlassModal(p, filled, []approvals.Target{
			{Ref: "5", ID: "5", Name: "root@db01", Label: "root@db01 · id 5", Rotates: true}, {Ref: "6", Unnamed: approvals.NotListed}}, glassPolicy()),
		"deny":    DenyModal(p, sane()),
		"resolve": ResolveModal(p, ran(sane(), approvals.Unknown, gone)),
		"notice":  Notice(p, refusal),
	}
}

func TestHelpTeachesLinesThatWork(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		p := messages.For(lang)
		for _, w := range commands.List() {
			usage, _, _ := strings.Cut(p.Text("helping.usage."+string(w.Name), nil), " ")
			if found, ok := commands.LookupWord(usage); !ok || found.Name != w.Name {
				t.Errorf("help shows %s as %q", w.Name, usage)
			}
			if w.Later {
				continue
			}
			line := p.Text("helping.line."+string(w.Name), nil)
			if c, f := commands.Parse(line); f != nil || c.Word != w.Name || c.Incomplete() {
				t.Errorf("the example %q is read as %+v, %+v", line, c, f)
			}
		}
		for _, kind := range []approvals.Kind{approvals.Credential, approvals.Password, approvals.Secret} {
			line := p.Text("find.line", messages.Params{"Kind": p.Text("find.word."+string(kind), nil), "ID": "7"})
			if c, f := commands.Parse(line); f != nil || c.Kind != kind || c.Targets[0] != "7" {
				t.Errorf("the line %q is read as %+v, %+v", line, c, f)
			}
		}
	})
}

func TestAFormShowsTheIdsThatWereLookedUp(t *testing.T) {
	five := "a@host · " + strings.Repeat("x", longestLabel) + " · id 5"
	faults := map[commands.Field]*commands.Fault{
		commands.FieldTargets: {Code: commands.FaultByIDChoice, Word: "a@b@host", Near: []string{five, "b@host · id 6"}, Lines: []string{"activate 5", "activate 6"}},
		commands.FieldReason:  {Code: commands.FaultReasonLong, Word: "end", Line: "activate 5", Length: 501, Max: 500},
	}
	got := FormFaults(messages.For("en"), faults)
	if text := got[FieldTargets]; !strings.HasSuffix(text, "Choose. "+five+"; b@host · id 6") {
		t.Errorf("the targets' field says %q", text)
	}
	faults[commands.FieldTargets] = &commands.Fault{Code: commands.FaultByIDUnknown, Word: "c@host", Near: []string{five, "b@host · id 6"}}
	if text := FormFaults(messages.For("en"), faults)[FieldTargets]; !strings.HasSuffix(text, "Similar names: "+five+"; b@host · id 6.") {
		t.Errorf("the targets' field says %q", text)
	}
	if text := got[FieldReason]; !strings.HasSuffix(text, "“end”.") || strings.Contains(text, "*") {
		t.Errorf("the reason's field says %q", text)
	}
}
