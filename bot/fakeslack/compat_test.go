package fakeslack_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"senhasegura-bot/bot/fakeslack"
)

// workspace is one with Ana and a channel, and a client of slack-go for it.
func workspace(t *testing.T) (*fakeslack.Workspace, *slack.Client) {
	ws := fakeslack.New(fakeslack.Config{Socket: true, Timeout: 30 * time.Second})
	server := httptest.NewServer(ws.Handler())
	t.Cleanup(func() { ws.Close(); server.Close() })
	ws.SetURL(server.URL)
	ws.AddUser(fakeslack.User{ID: "U1", Name: "ana", Locale: "pt-BR"})
	ws.AddGroup(fakeslack.Group{ID: "S1", Handle: "sre", Users: []string{"U1"}})
	ws.AddChannel(fakeslack.Channel{ID: "C1", Name: "incident", Members: []string{"U0BOT", "U1"}})
	cfg := ws.Config()
	return ws, slack.New(cfg.BotToken, slack.OptionAppLevelToken(cfg.AppToken), slack.OptionAPIURL(ws.APIURL()))
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func cardOptions(text string) []slack.MsgOption {
	label := func(s string) *slack.TextBlockObject {
		return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
	}
	approve := slack.NewButtonBlockElement("approve", "opaque", label("Approve")).WithStyle(slack.StylePrimary).
		WithConfirm(slack.NewConfirmationBlockObject(label("Sure?"), label("Really"), label("Yes"), label("No")))
	quote := slack.NewRichTextBlock("quote", &slack.RichTextQuote{
		Type: slack.RTEQuote, Elements: []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement("why <!here>", nil)},
	})
	return []slack.MsgOption{
		slack.MsgOptionText(text, false),
		slack.MsgOptionBlocks(
			slack.NewHeaderBlock(label(text)),
			slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*"+text+"* <@U1>", false, false), nil, nil),
			quote, slack.NewActionBlock("acts", approve),
		),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "pam_request", EventPayload: map[string]any{"request": "R-1", "version": 2}}),
	}
}

func TestWebAPIOfSlackGo(t *testing.T) {
	ws, api := workspace(t)
	ctx := soon(t)
	if who, err := api.AuthTestContext(ctx); err != nil || who.UserID != "U0BOT" {
		t.Fatalf("auth.test: %+v, %v", who, err)
	}
	if u, err := api.GetUserInfoContext(ctx, "U1"); err != nil || u.Locale != "pt-BR" || u.TeamID != "T0FAKE" {
		t.Errorf("users.info: %+v, %v", u, err)
	}
	if ids, err := api.GetUserGroupMembersContext(ctx, "S1"); err != nil || len(ids) != 1 {
		t.Errorf("usergroups.users.list: %v, %v", ids, err)
	}
	if groups, err := api.GetUserGroupsContext(ctx); err != nil || groups[0].Handle != "sre" {
		t.Errorf("usergroups.list: %v, %v", groups, err)
	}
	if all, err := api.GetUsersContext(ctx, slack.GetUsersOptionLimit(1)); err != nil || len(all) != 2 {
		t.Errorf("users.list: %v, %v", all, err)
	}
	if c, err := api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: "C1"}); err != nil || c.Name != "incident" {
		t.Errorf("conversations.info: %+v, %v", c, err)
	}
	_, ts, err := api.PostMessageContext(ctx, "C1", cardOptions("Waiting")...)
	if err != nil {
		t.Fatalf("chat.postMessage: %v", err)
	}
	if _, _, _, err = api.UpdateMessageContext(ctx, "C1", ts, cardOptions("Done")...); err != nil {
		t.Errorf("chat.update: %v", err)
	}
	m, _ := ws.Message(fakeslack.MessageRef{Channel: "C1", TS: ts})
	if want := "Done\n*Done* @U1\n> why <!here>\n[Approve]"; fakeslack.PlainText(m) != want || len(m.History) != 2 {
		t.Errorf("the card reads %q, want %q", fakeslack.PlainText(m), want)
	}
	if ids := fakeslack.Mentions(m); len(ids) != 1 || ids[0] != "U1" {
		t.Errorf("mentions %v, want U1 alone", ids)
	}
	_, err = api.PostEphemeralContext(ctx, "C1", "U9", slack.MsgOptionText("x", false))
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != "user_not_in_channel" {
		t.Errorf("chat.postEphemeral: %v", err)
	}
	ws.Fail("chat.postMessage", fakeslack.Fault{RetryAfter: 3 * time.Second})
	_, _, err = api.PostMessageContext(ctx, "C1", slack.MsgOptionText("x", false))
	var limited *slack.RateLimitedError
	if !errors.As(err, &limited) || limited.RetryAfter != 3*time.Second {
		t.Errorf("rate limit: %v", err)
	}
}

func TestModalsOfSlackGo(t *testing.T) {
	ws, api := workspace(t)
	form, err := ws.CommandForm("U1", "C1", "/pam", "")
	if err != nil {
		t.Fatal(err)
	}
	label := slack.NewTextBlockObject(slack.PlainTextType, "Reason", false, false)
	release := slack.NewOptionBlockObject("release", label, nil)
	view := slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: "deny", Title: label, Submit: label, PrivateMetadata: "m",
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("reason", label, nil, slack.NewPlainTextInputBlockElement(nil, "reason").WithMultiline(true)),
			slack.NewInputBlock("verb", label, label, slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, label, "verb", release).WithInitialOption(release)),
			slack.NewInputBlock("outcome", label, nil, slack.NewRadioButtonsBlockElement("outcome", release)).WithOptional(true),
			slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, "*x*", false, false)),
			slack.NewAlertBlock(label, slack.AlertBlockOptionLevel(slack.AlertLevelWarning)),
		}},
	}
	opened, err := api.OpenViewContext(soon(t), form.Get("trigger_id"), view)
	if err != nil {
		t.Fatalf("views.open: %v", err)
	}
	if _, err = api.UpdateViewContext(soon(t), view, "", opened.Hash, opened.ID); err != nil {
		t.Errorf("views.update: %v", err)
	}
	v, _ := ws.OpenView("U1")
	if out, err := ws.Submit("U1", v, fakeslack.Values{"reason": ""}); err != nil || out.Sent || len(out.Errors) != 1 {
		t.Errorf("an empty reason: %+v, %v", out, err)
	}
	payload, err := ws.SubmitPayload("U1", v, fakeslack.State{"reason": {"reason": {"type": "plain_text_input", "value": "no"}}})
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := json.Marshal(payload)
	var got slack.InteractionCallback
	if err := json.Unmarshal(raw, &got); err != nil || got.View.State.Values["reason"]["reason"].Value != "no" ||
		got.View.PrivateMetadata != "m" || got.View.CallbackID != "deny" || got.User.ID != "U1" || got.Team.ID != "T0FAKE" {
		t.Errorf("slack-go reads the submission as %+v, %v", got, err)
	}
}

// connect runs a socket client of slack-go that acknowledges everything with a
// text and counts what it got.
func connect(t *testing.T, api *slack.Client, got *atomic.Int32) {
	client := socketmode.New(api)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = client.RunContext(ctx)
	}()
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-client.Events:
				if e.Request != nil && e.Request.EnvelopeID != "" {
					got.Add(1)
					_ = client.AckCtx(ctx, e.Request.EnvelopeID, map[string]any{"text": "over the socket"})
				}
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func TestSocketModeOfSlackGo(t *testing.T) {
	ws, api := workspace(t)
	var first, second atomic.Int32
	if _, err := ws.Command("U1", "C1", "/pam", "help"); !errors.Is(err, fakeslack.ErrDispatch) {
		t.Errorf("a command that nobody hears: %v", err)
	}
	connect(t, api, &first)
	connect(t, api, &second)
	both := func() bool { return ws.Sockets() == 2 }
	if err := ws.WaitFor(soon(t), both); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if reply, err := ws.Command("U1", "C1", "/pam", "help"); err != nil || reply.Text() != "over the socket" {
			t.Fatalf("%+v, %v", reply, err)
		}
	}
	if first.Load() != 2 || second.Load() != 2 {
		t.Errorf("%d and %d envelopes, want two each", first.Load(), second.Load())
	}
	_, ts, err := api.PostMessageContext(soon(t), "C1", cardOptions("Waiting")...)
	if err != nil {
		t.Fatal(err)
	}
	ack, err := ws.Click("U1", fakeslack.MessageRef{Channel: "C1", TS: ts}, "approve")
	if err != nil {
		t.Errorf("a click: %v", err)
	}
	if _, err = ws.Redeliver(ack.Delivery); err != nil {
		t.Errorf("the same envelope again: %v", err)
	}
	if _, err = ws.Event("app_home_opened", map[string]any{"user": "U1", "tab": "home"}); err != nil {
		t.Errorf("an event: %v", err)
	}
	ws.Disconnect("refresh_requested")
	if err := ws.WaitFor(soon(t), both); err != nil {
		t.Fatalf("no reconnection: %v", err)
	}
	if _, err := ws.Command("U1", "C1", "/pam", "help"); err != nil {
		t.Errorf("after the reconnection: %v", err)
	}
}
