package views

import (
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/slack-go/slack"

	"senhasegura-bot/approvals"
	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/bot/messages"
	"senhasegura-bot/commands"
)

// wire is a stand-in workspace that refuses what Slack refuses: unknown or
// missing properties, over-long texts, too many blocks, too much in all.
type wire struct {
	t   *testing.T
	w   *fakeslack.Workspace
	api *slack.Client
}

func newWire(t *testing.T) wire {
	w := fakeslack.New(fakeslack.Config{})
	server := httptest.NewServer(w.Handler())
	t.Cleanup(func() { w.Close(); server.Close() })
	w.AddUser(fakeslack.User{ID: ana.User, Name: "ana"})
	w.AddChannel(fakeslack.Channel{ID: "C0INCIDENT", Name: "inc-42", Members: []string{ana.User, w.Config().BotUserID}})
	return wire{t: t, w: w, api: slack.New(w.Config().BotToken, slack.OptionAPIURL(server.URL+"/api/"))}
}

// takes posts the message and updates it to itself, which has other limits.
func (w wire) takes(name string, m Message) {
	w.t.Helper()
	options := []slack.MsgOption{slack.MsgOptionText(m.Text, false), slack.MsgOptionBlocks(m.Blocks...)}
	if m.Metadata.EventType != "" {
		options = append(options, slack.MsgOptionMetadata(m.Metadata))
	}
	channel, ts, err := w.api.PostMessageContext(w.t.Context(), "C0INCIDENT", options...)
	if err != nil {
		w.t.Errorf("%s is not accepted: %v", name, explainSlack(err))
		return
	}
	if _, _, _, err := w.api.UpdateMessageContext(w.t.Context(), channel, ts, options...); err != nil {
		w.t.Errorf("%s is not accepted as an update: %v", name, explainSlack(err))
	}
}

func (w wire) opens(name string, view slack.ModalViewRequest) {
	w.t.Helper()
	form, err := w.w.CommandForm(ana.User, "C0INCIDENT", "/pam", "")
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.api.OpenViewContext(w.t.Context(), form.Get("trigger_id"), view); err != nil {
		w.t.Errorf("the form %s is not accepted: %v", name, explainSlack(err))
	}
}

func explainSlack(err error) string {
	if answered, ok := err.(slack.SlackErrorResponse); ok {
		return answered.Err + " " + strings.Join(answered.ResponseMetadata.Messages, "; ")
	}
	return err.Error()
}

// everyMessage is every message in one language, with sane and worst data.
func everyMessage(t *testing.T, lang string) map[string]Message {
	all := map[string]Message{}
	for _, n := range slices.Concat(underway(), ended(), worstCases(), broken(), worstBroken()) {
		all["card "+n.name] = Card(n.r, n.context(lang))
		icy := n.context(lang)
		icy.Freeze = freeze(n.r.Reason)
		all["card frozen "+n.name] = Card(n.r, icy)
		all["status "+n.name] = Status(n.r, n.context(lang), permalink)
		if n.r.State.Final() || n.r.State == approvals.Unknown {
			all["outcome "+n.name] = Outcome(n.r, n.context(lang))
		}
	}
	for _, more := range []map[string]Message{answersIn(lang), refusalsIn(t, lang), faultsIn(lang), floods(lang)} {
		maps.Copy(all, more)
	}
	return all
}

// floods are lists and refusals with as much in them as there can be.
func floods(lang string) map[string]Message {
	p := messages.For(lang)
	var list []approvals.Request
	links := map[string]string{}
	for range 30 {
		list = append(list, worst(approvals.Release, approvals.Credential, 20))
	}
	links[list[0].ID] = permalink
	big := worst(approvals.Release, approvals.Credential, 20)
	all := map[string]Message{"pending flood": Pending(p, list, links, 1000).WithFreeze(p, freeze(big.Reason))}
	var entries []commands.Found
	fault := &commands.Fault{Code: commands.FaultNameChoice, Word: nasty, Line: nasty, Verb: approvals.Release, Kind: approvals.Credential}
	for i := range 30 {
		f := commands.Found{Kind: approvals.Credential, ID: big.Targets[i%20].Ref, Label: strings.Repeat(nasty, 5), ReadOnly: i%5 == 4}
		entries = append(entries, f)
		fault.Lines = append(fault.Lines, nasty)
		fault.Choices = append(fault.Choices, commands.Choice{Command: worstCommand(), ID: f.ID, Label: f.Label})
	}
	all["find flood"] = Found(p, nasty, commands.Search{Text: nasty, Known: true, Found: entries, More: true})
	all["find flood, near"] = Found(p, nasty, commands.Search{Text: nasty, Known: true, Near: entries})
	all["choices flood"] = Fault(p, nasty, fault)
	all["requested flood"] = Requested(p, big).WithMeant(p, big, nasty, fault.Choices).WithFreeze(p, freeze(big.Reason))
	for _, why := range whys() {
		r := &approvals.Refusal{Why: why, Request: big, Rule: big.Rule, ID: nasty, Have: 4321, Need: 10, Freeze: freeze(big.Reason)}
		for range 20 {
			r.Groups = append(r.Groups, big.Targets[:1])
		}
		all["flood "+string(why)] = Refused(p, nasty, r, nasty)
	}
	return all
}

// worstCommand is the longest command there can be.
func worstCommand() commands.Command {
	c := commands.Command{Word: commands.BreakGlass, Verb: approvals.Release, Kind: approvals.Credential, Reason: strings.Repeat("\"", 500)}
	for _, t := range worst(approvals.Release, approvals.Credential, 20).Targets {
		c.Targets = append(c.Targets, t.Ref)
	}
	return c
}

func TestSlackAcceptsEveryMessage(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		w := newWire(t)
		for name, m := range everyMessage(t, lang) {
			w.takes(name, m)
		}
	})
}

func TestSlackAcceptsEveryForm(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		w := newWire(t)
		forms := formsIn(lang)
		for _, n := range worstCases() {
			forms["deny "+n.name] = DenyModal(n.context(lang).Printer, n.r)
			forms["break-glass "+n.name] = worstGlassForm(n.context(lang).Printer, n.r)
			forms["resolve "+n.name] = ResolveModal(n.context(lang).Printer, n.r)
		}
		for name, m := range refusalsIn(t, lang) {
			forms["notice "+name] = Notice(messages.For(lang), m)
		}
		for name, view := range forms {
			w.opens(name, view)
		}
	})
}

// markup is everything in angle brackets that our own mrkdwn may hold.
var markup = regexp.MustCompile(`<@(U0[A-Z0-9]+)>|<!subteam\^S0[A-Z0-9]+>|<#C0INCIDENT>|<!date\^\d+\^\{date_short_pretty\} \{time\}\|[-0-9: ]+UTC>|<https://stand-in\.slack\.example/archives/C0INCIDENT/p\d+\?a=1&amp;b=2\|[^<>|]+>`)

func TestForeignTextIsInert(t *testing.T) {
	inLanguages(t, func(t *testing.T, lang string) {
		for name, m := range everyMessage(t, lang) {
			for _, text := range textsOf(t, m) {
				if i := strings.IndexFunc(text.text, hidden); i >= 0 {
					t.Errorf("%s: a character that cannot be seen in %q", name, text.text[i:])
				}
				if text.mrkdwn && strings.ContainsAny(markup.ReplaceAllString(text.text, ""), "<>") {
					t.Errorf("%s: markup that is not ours in %q", name, text.text)
				}
				if text.mrkdwn && !text.fallback && strings.Contains(text.text, "*bold*") {
					t.Errorf("%s: foreign formatting in %q", name, text.text)
				}
				if text.foreign && strings.Contains(text.text, "\n") && name != "help" {
					t.Errorf("%s: foreign text over several lines: %q", name, text.text)
				}
			}
		}
	})
}

func hidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) && r != zwj || blank(r) || r == '\u2028'
}

// found is one text of a message: mrkdwn, rich text that may be foreign, or
// the fallback beside the blocks, which is mrkdwn too.
type found struct {
	text                      string
	mrkdwn, foreign, fallback bool
}

// textsOf walks the JSON that Slack gets.
func textsOf(t *testing.T, m Message) []found {
	all := []found{{text: m.Text, mrkdwn: true, fallback: true}}
	walk(decoded(t, m.Blocks), func(o map[string]any) {
		text, ok := o["text"].(string)
		if !ok {
			return
		}
		all = append(all, found{text: text, mrkdwn: o["type"] == "mrkdwn", foreign: o["type"] == "text"})
	})
	return all
}

func TestTheCardMentionsApproversAndTheReplyOnlyTheRequester(t *testing.T) {
	r := sane()
	mentioned := func(m Message) []string {
		var ids []string
		for _, text := range textsOf(t, m) {
			if !text.mrkdwn {
				continue
			}
			ids = append(ids, regexp.MustCompile(`<[@!](?:subteam\^)?[US][A-Z0-9]+>`).FindAllString(text.text, -1)...)
		}
		return ids
	}
	card := mentioned(Card(r, Context{Printer: messages.For("en")}))
	if want := []string{"<@U0PERSON1>", "<!subteam^S0PAMLEADS>", "<@U0PERSON9>"}; !slices.Equal(card, want) {
		t.Errorf("the card mentions %v, want %v", card, want)
	}
	for _, n := range append(ended(), broken()...) {
		if got := mentioned(Outcome(n.r, n.context("en"))); !slices.Equal(got, []string{"<@U0PERSON1>"}) {
			t.Errorf("the reply to %q mentions %v", n.name, got)
		}
	}
}
