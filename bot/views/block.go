package views

import (
	"strings"

	"github.com/slack-go/slack"
)

// Message is a message as chat.postMessage, chat.update and response URLs take
// it: Text is for notifications and screen readers, Blocks is what people see.
type Message struct {
	Text   string
	Blocks []slack.Block
	// Metadata has an empty EventType on messages that are no card.
	Metadata slack.SlackMetadata
}

func plain(s string, limit int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, cut(s, limit), false, false)
}

func header(s string) slack.Block { return slack.NewHeaderBlock(plain(s, maxHeader)) }

// section is a section of mrkdwn; whatever is foreign in it was made safe.
// Empty lines are left out. Verbatim: nothing becomes a link or a mention that
// was not written as one.
func section(lines ...string) slack.Block {
	text := strings.Join(filled(lines), "\n")
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, cutEscaped(text, maxSection), false, true), nil, nil)
}

// sentence is a section that formats nothing, for sentences that quote foreign words.
func sentence(s string) slack.Block {
	return slack.NewSectionBlock(plain(s, maxSection), nil, nil)
}

// small is a line of context that formats nothing.
func small(parts ...string) slack.Block {
	return slack.NewContextBlock("", plain(strings.Join(filled(parts), " · "), maxSection))
}

func filled(lines []string) []string {
	var out []string
	for _, line := range lines {
		if line != "" {
			out = append(out, line)
		}
	}
	return out
}

// span is a piece of rich text. Rich text interprets nothing inside a span.
type span = slack.RichTextSectionElement

func words(s string) span { return slack.NewRichTextSectionTextElement(s, nil) }

func bold(s string) span {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Bold: true})
}

func code(s string) span {
	return slack.NewRichTextSectionTextElement(s, &slack.RichTextSectionTextStyle{Code: true})
}

// quote is what somebody wrote, under a label of ours.
func quote(label, s string) slack.Block {
	return slack.NewRichTextBlock("",
		slack.NewRichTextSection(bold(label)),
		&slack.RichTextQuote{Type: slack.RTEQuote, Elements: []span{words(s)}})
}

// lines is a list with a bullet each.
func lines(items [][]span) slack.Block {
	list := slack.NewRichTextList(slack.RTEListBullet, 0)
	for _, item := range items {
		list.Elements = append(list.Elements, slack.NewRichTextSection(item...))
	}
	return slack.NewRichTextBlock("", list)
}

// commandLines are lines to copy, each a code span of its own.
func commandLines(commands ...string) slack.Block {
	block := slack.NewRichTextBlock("")
	for _, c := range commands {
		block.Elements = append(block.Elements, slack.NewRichTextSection(code(inert(c, maxSection))))
	}
	return block
}
