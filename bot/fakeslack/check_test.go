package fakeslack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func long(n int) string { return strings.Repeat("é", n) }

func list(n int, item string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = strings.ReplaceAll(item, "#", fmt.Sprint(i))
	}
	return "[" + strings.Join(items, ",") + "]"
}

func pt(s string) string { return `{"type":"plain_text","text":"` + s + `"}` }
func md(s string) string { return `{"type":"mrkdwn","text":"` + s + `"}` }

func button(extra string) string {
	return `{"type":"actions","elements":[{"type":"button","action_id":"a","text":` + pt("x") + extra + `}]}`
}

func section(text string) string { return `{"type":"section","text":` + text + `}` }

func input(element string) string {
	return `{"type":"input","block_id":"i","label":` + pt("l") + `,"element":` + element + `}`
}

func option(text, value string) string { return `{"text":` + pt(text) + `,"value":"` + value + `"}` }

// Each limit is tried from both sides.
func TestMessageBlocks(t *testing.T) {
	sel := func(n int) string {
		return `{"type":"actions","elements":[{"type":"static_select","action_id":"a","options":` + list(n, option("t", "v#")) + `}]}`
	}
	ask := func(title, text, yes string) string {
		return button(`,"confirm":{"title":` + pt(title) + `,"text":` + pt(text) + `,"confirm":` + pt(yes) + `,"deny":` + pt("n") + `}`)
	}
	rich := func(part string) string { return `{"type":"rich_text","elements":[` + part + `]}` }
	tests := []struct{ name, good, bad, says string }{
		{"section text", section(md(long(3000))), section(md(long(3001))), "less than 3001"},
		{"section text empty", section(pt("x")), section(pt("")), "more than 0"},
		{"section needs text or fields", `{"type":"section","fields":[` + md("x") + `]}`, `{"type":"section"}`, "must define either"},
		{"fields", `{"type":"section","fields":` + list(10, md("x")) + `}`, `{"type":"section","fields":` + list(11, md("x")) + `}`, "no more than 10"},
		{"field", `{"type":"section","fields":[` + md(long(2000)) + `]}`, `{"type":"section","fields":[` + md(long(2001)) + `]}`, "less than 2001"},
		{"header", `{"type":"header","text":` + pt(long(150)) + `}`, `{"type":"header","text":` + pt(long(151)) + `}`, "less than 151"},
		{"header is plain", `{"type":"header","text":` + pt("x") + `}`, `{"type":"header","text":` + md("x") + `}`, "plain_text"},
		{"context", `{"type":"context","elements":` + list(10, md("x")) + `}`, `{"type":"context","elements":` + list(11, md("x")) + `}`, "no more than 10"},
		{"context empty", `{"type":"context","elements":[` + md("x") + `]}`, `{"type":"context","elements":[]}`, "no less than 1"},
		{"actions", actionsOf(25), actionsOf(26), "no more than 25"},
		{"button text", button(""), strings.Replace(button(""), pt("x"), pt(long(76)), 1), "less than 76"},
		{"button value", button(`,"value":"` + long(2000) + `"`), button(`,"value":"` + long(2001) + `"`), "less than 2001"},
		{"button style", button(`,"style":"danger"`), button(`,"style":"default"`), "must be one of"},
		{"action_id length", strings.Replace(button(""), `"a"`, `"`+long(255)+`"`, 1), strings.Replace(button(""), `"a"`, `"`+long(256)+`"`, 1), "less than 256"},
		{"action_id twice in a block", actionsOf(2) + "," + actionsOf(1), strings.ReplaceAll(actionsOf(2), `"a1"`, `"a0"`), "must be unique"},
		{"block_id length", `{"type":"divider","block_id":"` + long(255) + `"}`, `{"type":"divider","block_id":"` + long(256) + `"}`, "less than 256"},
		{"block_id twice", `{"type":"divider","block_id":"x"},{"type":"divider","block_id":"y"}`, `{"type":"divider","block_id":"x"},{"type":"divider","block_id":"x"}`, "must be unique"},
		{"confirm title", ask(long(100), "t", "y"), ask(long(101), "t", "y"), "less than 101"},
		{"confirm text", ask("t", long(300), "y"), ask("t", long(301), "y"), "less than 301"},
		{"confirm button", ask("t", "t", long(30)), ask("t", "t", long(31)), "less than 31"},
		{"confirm parts", ask("t", "t", "y"), button(`,"confirm":{"title":` + pt("t") + `}`), "missing required field: confirm"},
		{"options", sel(100), sel(101), "no more than 100"},
		{"options none", sel(1), sel(0), "no less than 1"},
		{"option text", sel(1), strings.Replace(sel(1), pt("t"), pt(long(76)), 1), "less than 76"},
		{"unknown block", `{"type":"divider"}`, `{"type":"dividor"}`, "unsupported type"},
		{"alert is for modals", `{"type":"divider"}`, `{"type":"alert","text":` + pt("x") + `}`, "unsupported type"},
		{"unknown element", button(""), strings.Replace(button(""), `"button"`, `"knob"`, 1), "unsupported type"},
		{"input element in actions", button(""), `{"type":"actions","elements":[{"type":"plain_text_input","action_id":"a"}]}`, "unsupported type"},
		{"unknown property", button(`,"value":"x"`), button(`,"disabled":true`), "invalid additional property: disabled"},
		{"empty url", button(`,"url":"https://x"`), button(`,"url":""`), "more than 0"},
		{"control character", section(md(`a\nb`)), section(md(`a\u0007b`)), "control character"},
		{"rich text empty", rich(`{"type":"rich_text_quote","elements":[{"type":"text","text":"x"}]}`), rich(`{"type":"rich_text_quote","elements":[{"type":"text","text":""}]}`), "more than 0"},
		{"rich text part", rich(`{"type":"rich_text_section","elements":[{"type":"user","user_id":"U9"}]}`), rich(`{"type":"rich_text_box","elements":[]}`), "unsupported type"},
		{"blocks", strings.Trim(list(50, `{"type":"divider"}`), "[]"), strings.Trim(list(51, `{"type":"divider"}`), "[]"), "no more than 50"},
		{"not an object", `{"type":"divider"}`, `"divider"`, "unsupported type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := readBlocks("[" + tt.good + "]"); err != nil {
				t.Errorf("refused what Slack takes: %v %v", err, refused(err, nil))
			}
			_, err := readBlocks("[" + tt.bad + "]")
			if err == nil || err.Error() != "invalid_blocks" {
				t.Fatalf("got %v, want invalid_blocks", err)
			}
			if said := strings.Join(err.(*refusal).messages, "\n"); !strings.Contains(said, tt.says) || !strings.Contains(said, "[json-pointer:/blocks") {
				t.Errorf("said %q, want %q with a pointer", said, tt.says)
			}
		})
	}
}

func actionsOf(n int) string {
	return `{"type":"actions","elements":` + list(n, `{"type":"button","action_id":"a#","text":`+pt("x")+`}`) + `}`
}

func TestSumOfBlocks(t *testing.T) {
	four := strings.Trim(list(4, section(md(long(3000)))), "[]")
	if _, err := readBlocks("[" + four + "," + section(md(long(1200))) + "]"); err != nil {
		t.Errorf("13,200 characters: %v", err)
	}
	if _, err := readBlocks("[" + four + "," + section(md(long(1201))) + "]"); err == nil || err.Error() != "msg_blocks_too_long" {
		t.Errorf("13,201 characters: %v, want msg_blocks_too_long", err)
	}
}

func TestBlocksThatAreNoList(t *testing.T) {
	for _, text := range []string{`{`, `{"type":"divider"}`, `"[]"`} {
		if _, err := readBlocks(text); err == nil || err.Error() != "invalid_blocks_format" {
			t.Errorf("%s: %v, want invalid_blocks_format", text, err)
		}
	}
}

func modal(parts string, blocks ...string) string {
	return `{"type":"modal","title":` + pt("T") + parts + `,"blocks":[` + strings.Join(blocks, ",") + `]}`
}

func TestModals(t *testing.T) {
	field := `{"type":"plain_text_input","action_id":"a"`
	sub := `,"submit":` + pt("OK")
	radio := func(initial string) string {
		return input(`{"type":"radio_buttons","action_id":"a","options":[` + option("t", "v") + `]` + initial + `}`)
	}
	div := `{"type":"divider"}`
	tests := []struct{ name, good, bad, says string }{
		{"title", strings.Replace(modal("", div), pt("T"), pt(long(24)), 1), strings.Replace(modal("", div), pt("T"), pt(long(25)), 1), "less than 25"},
		{"submit text", modal(sub, div), modal(`,"submit":`+pt(long(25)), div), "less than 25"},
		{"submit is required with inputs", modal(sub, input(field+`}`)), modal("", input(field+`}`)), "submit is required"},
		{"private_metadata", modal(`,"private_metadata":"`+long(3000)+`"`, div), modal(`,"private_metadata":"`+long(3001)+`"`, div), "less than 3001"},
		{"callback_id", modal(`,"callback_id":"`+long(255)+`"`, div), modal(`,"callback_id":"`+long(256)+`"`, div), "less than 256"},
		{"blocks", modal("", strings.Trim(list(100, div), "[]")), modal("", strings.Trim(list(101, div), "[]")), "no more than 100"},
		{"type", modal("", div), strings.Replace(modal("", div), "modal", "dialog", 1), "must be one of modal"},
		{"max_length", modal(sub, input(field+`,"max_length":3000}`)), modal(sub, input(field+`,"max_length":3001}`)), "from 1 to 3000"},
		{"initial value fits", modal(sub, input(field+`,"max_length":3,"initial_value":"abc"}`)), modal(sub, input(field+`,"max_length":3,"initial_value":"abcd"}`)), "less than 4"},
		{"initial option is known", modal(sub, radio(`,"initial_option":`+option("t", "v"))), modal(sub, radio(`,"initial_option":`+option("t", "w"))), "initial option"},
		{"label", modal(sub, input(field+`}`)), modal(sub, `{"type":"input","element":`+field+`}}`), "missing required field: label"},
		{"alert", modal("", `{"type":"alert","level":"error","text":`+pt("x")+`}`), modal("", `{"type":"alert","level":"loud","text":`+pt("x")+`}`), "must be one of"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if problems := checkModal(decode[map[string]any](json.RawMessage(tt.good))); len(problems) > 0 {
				t.Errorf("refused what Slack takes: %v", problems)
			}
			if said := strings.Join(checkModal(decode[map[string]any](json.RawMessage(tt.bad))), "\n"); !strings.Contains(said, tt.says) {
				t.Errorf("said %q, want %q", said, tt.says)
			}
		})
	}
}
