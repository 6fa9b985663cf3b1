package views

import (
	"fmt"
	"slices"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/messages"
)

// EventType is the type of the metadata that cards carry.
const EventType = "pam_request"

// Context is what a view of a request needs besides the request.
type Context struct {
	// Printer speaks the language of the readers; required.
	Printer *messages.Printer
	// Needed is how many approvals the policy now in force asks for; zero
	// where it was not asked. The larger number is shown.
	Needed int
	// RunAgain says that running again is offered now.
	RunAgain bool
	// Away says that senhasegura does not answer at the moment.
	Away bool
	// Freeze is the one in force; zero where there is none.
	Freeze approvals.Freeze

	direct, own bool // see Direct
}

// view is one request in one language.
type view struct {
	approvals.Request
	c Context
	p *messages.Printer
}

func of(r approvals.Request, c Context) view { return view{Request: r, c: c, p: c.Printer} }

func (v view) say(key string, params messages.Params) string { return v.p.Text(key, params) }

// do is the phrase of what is asked for: "deactivate 2 credentials".
func (v view) do() string {
	return v.say(operation(v.Request)+".do", messages.Params{"Count": len(v.Targets)})
}

func operation(r approvals.Request) string { return fmt.Sprintf("op.%s.%s", r.Verb, r.Kind) }

func stateWord(p *messages.Printer, s approvals.State) string {
	return p.Text("state."+string(s), nil)
}

// Card is the one message in the channel that shows a request through its
// life. Drawing it twice from the same request and context gives the same
// message.
func Card(r approvals.Request, c Context) Message {
	v := of(r, c)
	title := v.say("header.card", messages.Params{"State": v.stateName(), "Do": v.do()})
	blocks := append([]slack.Block{header(title)}, v.glass()...)
	blocks = append(blocks,
		section(v.asked(), v.directly()),
		lines(v.targets()),
		v.reason(),
	)
	blocks = append(blocks, v.frozen()...)
	blocks = append(blocks, v.standing()...)
	blocks = append(blocks, v.rule())
	if buttons := v.pressable(); len(buttons) > 0 {
		blocks = append(blocks, slack.NewActionBlock("", buttons...))
	}
	return Message{
		Text:   cutEscaped(escape(title+" · "+r.ID+" · "+v.fitting(r.Targets, maxConfirmText)), maxText),
		Blocks: blocks, Metadata: cardMetadata(r),
	}
}

func cardMetadata(r approvals.Request) slack.SlackMetadata {
	return slack.SlackMetadata{EventType: EventType, EventPayload: map[string]any{
		"request": r.ID, "state": string(r.State), "version": r.Version,
	}}
}

// asked says who asks, and where if that is not the channel of the card.
func (v view) asked() string {
	params := messages.Params{"ID": v.ID, "Who": user(v.Requester.User), "Channel": room(v.Channel)}
	if v.c.direct || v.Room() != v.Channel {
		return v.say("card.asked_in", params)
	}
	return v.say("card.asked", params)
}

func (v view) reason() slack.Block {
	if v.Reason == "" {
		return small(v.say("card.no_reason", nil))
	}
	return quote(v.say("card.reason", nil), inert(v.Reason, maxQuote))
}

// rule names the rule that was chosen, and why it may be a strict one.
func (v view) rule() slack.Block {
	name := v.say("card.default_rule", nil)
	if v.Rule.Name != "" {
		name = v.say("card.rule", messages.Params{"Rule": inert(v.Rule.Name, 300)})
	}
	if v.Rule.Strictest {
		return small(name, v.say("card.strictest", nil))
	}
	return small(name)
}

// meaning says what the operation does.
func (v view) meaning() string {
	return v.say("card.means", messages.Params{"Means": v.say(operation(v.Request)+".means", nil)})
}

// standing says where the request stands.
func (v view) standing() []slack.Block {
	means := v.meaning()
	switch v.State {
	case approvals.Pending:
		return []slack.Block{section(means), section(v.eligible(), v.needed(), v.lapsed(), v.expires())}
	case approvals.Approved:
		return []slack.Block{section(means), section(v.approvedBy(), v.starting())}
	case approvals.Running:
		return []slack.Block{section(means), section(v.approvedBy(), v.againBy(), v.running())}
	case approvals.Unknown:
		return append([]slack.Block{section(means), section(v.approvedBy(), v.againBy(), v.look(), v.ended())}, v.explanations(maxOnCard)...)
	case approvals.Done, approvals.Failed, approvals.Partial:
		ended := []slack.Block{section(v.approvedBy(), v.againBy(), v.tooLate(), v.checked(), v.ended())}
		return slices.Concat(ended, v.noted("card.note", v.Checked.Note), v.explanations(maxOnCard))
	}
	return append([]slack.Block{section(v.decision(), v.ended())}, v.noted("card.denied_reason", v.Decision.Reason)...)
}

func (v view) starting() string {
	key := "card.starting"
	switch {
	case v.c.Freeze.On():
		key = "freeze.starting"
	case v.Glass.On():
		key = "glass.starting"
	}
	return v.say(key, messages.Params{"Date": date(v.Run.StartBy)})
}

// running says how far the run is. Before its first call it may wait, for
// reasons that only the process knows that runs it.
func (v view) running() string {
	key := "card.running"
	if v.attempt() == 0 {
		key = "card.waiting"
	}
	return v.say(key, messages.Params{"Attempt": v.attempt(), "Away": v.c.Away, "Date": date(v.Run.Deadline)})
}

func (v view) eligible() string {
	return v.say("card.eligible", messages.Params{"Who": approvers(v.p, v.Rule), "Count": v.Eligible, "AtLeast": v.AtLeast})
}

func (v view) needed() string {
	soFar := v.say("card.none_yet", nil)
	if n := len(v.Votes); n > 0 {
		soFar = v.say("card.so_far", messages.Params{"Count": n, "Who": mentions(voters(v.Request))})
	}
	return v.say("card.needed", messages.Params{"Count": max(v.Needed(), v.c.Needed)}) + " · " + soFar
}

func (v view) lapsed() string {
	if len(v.Lapsed) == 0 {
		return ""
	}
	return v.say("card.lapsed", messages.Params{"Who": mentions(v.Lapsed)})
}

func (v view) expires() string {
	return v.say("card.expires", messages.Params{"Date": date(v.Expires)})
}

// approvedBy is empty on a break-glass, which says on top that nobody did.
func (v view) approvedBy() string {
	if v.Glass.On() {
		return ""
	}
	if v.setBack() {
		return v.votesLeft()
	}
	return v.say("card.approved_by", messages.Params{"Who": mentions(voters(v.Request))})
}

func (v view) againBy() string {
	if v.Run.By.User == "" {
		return ""
	}
	return v.say("card.again_by", messages.Params{"Who": user(v.Run.By.User)})
}

func (v view) ended() string {
	return v.say("card.ended", messages.Params{"Date": date(v.Ended)})
}

// where is the page of senhasegura that shows how the targets stand.
func (v view) where() string { return v.say("where."+string(v.Kind), nil) }

func (v view) look() string {
	key := "card.look"
	switch {
	case v.setBack():
		key = "rewound.look"
	case v.c.RunAgain:
		key = "card.look_again"
	}
	return v.say(key, messages.Params{"Where": escape(v.where())})
}

// begunTooLate reports whether the request ended because no call could begin.
func begunTooLate(r approvals.Request) bool {
	return r.State == approvals.Failed && r.Run.Began.IsZero() && r.Rewound.IsZero()
}

func (v view) tooLate() string {
	if !begunTooLate(v.Request) {
		return ""
	}
	return v.say("card.too_late", nil)
}

func (v view) checked() string {
	if v.Checked.By.User == "" {
		return ""
	}
	key := "card.checked_failed"
	if v.Checked.Done {
		key = "card.checked_done"
	}
	return v.say(key, messages.Params{"Who": user(v.Checked.By.User)})
}

// noted quotes what somebody wrote when they ended the request.
func (v view) noted(key, note string) []slack.Block {
	if note == "" || v.Decision.Cause != "" {
		return nil
	}
	return []slack.Block{quote(v.say(key, nil), inert(note, maxQuote))}
}

// decision says who ended a request that was never approved.
func (v view) decision() string {
	who := messages.Params{"Who": user(v.Decision.By.User)}
	switch {
	case v.State == approvals.Expired:
		return v.say("card.expired", nil)
	case v.State == approvals.Denied:
		return v.say("card.denied_by", who)
	case v.Decision.Cause == approvals.CauseGlass: // the reason is who broke the glass
		return v.say("glass.superseded", messages.Params{"Who": user(v.Decision.Reason)})
	case v.Decision.Cause != "":
		return v.say("card.cancelled_bot", messages.Params{"Cause": v.cause()})
	}
	return v.say("card.cancelled_by", who)
}

func (v view) cause() string { return cause(v.p, v.Decision.Cause) }

func cause(p *messages.Printer, c approvals.Cause) string { return p.Text("cause."+string(c), nil) }
