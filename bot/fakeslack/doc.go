// Package fakeslack is a stand-in Slack workspace with a real wire: the Web
// API, signed commands and clicks over HTTP, Socket Mode, response URLs, and a
// page where several people sit side by side in a channel.
//
// It serves three uses: tests in Go, the sandbox's workspace, and a built bot
// binary pointed at it through SLACK_API_URL. It knows Slack's documentation
// only, and imports neither this project nor a Slack client, so that it does
// not share their mistakes; compat_test.go proves that slack-go can talk to it.
//
//	ws := fakeslack.New(fakeslack.Config{})
//	server := httptest.NewServer(ws.Handler())
//	defer server.Close()
//	defer ws.Close() // first, so that nothing hangs
//	ws.SetURL(server.URL)
//	ws.SetBot(bot.URL)
//	ws.AddUser(fakeslack.User{ID: "U1", Name: "ana"})
//	ws.AddChannel(fakeslack.Channel{ID: "C1", Name: "incident", Members: []string{"U0BOT", "U1"}})
//	reply, err := ws.Command("U1", "C1", "/pam", "deactivate 5 leaked")
//	card, err := ws.WaitMessage(ctx, "C1", func(m fakeslack.Message) bool { return len(fakeslack.Buttons(m)) > 0 })
//	ack, err := ws.Click("U2", card.Ref(), "approve")
//
// # Goals
//
// Strict where Slack is strict: texts, blocks and views beyond the documented
// sizes, unknown types and properties, ids used twice, empty texts, wrong
// tokens, missing membership, trigger ids older than three seconds or used
// before, response URLs beyond five uses or thirty minutes are all refused with
// Slack's error codes. Unkind when told to be: Fail makes any method slow,
// silent, broken or rate limited, before or after it did its work.
//
// The people's side never helps the bot: Command, Click and Submit build whole
// payloads, sign them and wait no longer than Slack does. What nobody could
// send is sent with CommandForm, ClickPayload, SubmitPayload and the Send
// methods, which go over whichever transport is on, or with Raw.
//
// # Limits
//
// One workspace, one app, one bot token. Rate limits happen only through Fail.
// No files, reactions, search, scheduled messages, home tab or admin methods;
// an unknown method answers unknown_method. Blocks: section, header, context,
// actions, divider, image, input, rich_text, markdown, and alert in modals;
// what Slack added besides is refused as unsupported.
//
// Stricter than Slack on purpose: text beyond 40,000 characters in
// chat.postMessage is refused (Slack cuts it), so are control characters and
// replies to a thread that does not exist. Undocumented and taken from reports:
// the sum of 13,200 characters over a message's blocks, the wording of the
// messages beside invalid_blocks. Slack documents that chat.update with text
// and no blocks drops the blocks; here every update without blocks does.
// Messages edited long ago can still be edited (no edit_window_closed).
//
// In an external select only what the bot suggested in that view can be picked.
// Whether Slack tells the other fields' values while it asks for options is not
// documented: Options does so only where it is given them.
//
// Slack documents that it warns about ten seconds before it replaces a
// connection, and not what becomes of what it handed out just before; Refresh
// waits for that. That an eleventh connection is told too_many_websockets in the
// place of its hello is from reports too.
//
// # The page
//
// Whoever can open the page acts as anybody in the workspace; it answers only
// to loopback Host names and takes POSTs only from itself. The address names
// who sits there: /?people=U1,U2&channel=C1. Columns carry data-person and
// data-channel, messages data-message-ts, what can be pressed or filled in
// data-action-id, modals data-callback-id, the two buttons of a confirm
// data-confirm, and the line people type in is input[name=text].
package fakeslack
