package fakeslack

import "unicode/utf8"

// richPart is one of the four parts of a rich_text block.
func richPart(c *checker, at string, v any) {
	among(richParts)(c, at, v)
}

func richParts() map[string]shape {
	leaf := items(0, 1000, richLeaf)
	text := map[string]rule{"elements": leaf}
	border := with(text, "border", number(0, 1))
	need := []string{"elements"}
	return map[string]shape{
		"rich_text_section":      {need: need, props: text},
		"rich_text_quote":        {need: need, props: border},
		"rich_text_preformatted": {need: need, props: with(border, "language", chars(1, 50))},
		"rich_text_list": {need: []string{"elements", "style"}, props: map[string]rule{
			"elements": items(1, 1000, among(richParts, "rich_text_section")),
			"style":    oneOf("bullet", "ordered"), "indent": number(0, 8), "offset": number(0, 1e6), "border": number(0, 1),
		}},
	}
}

func richLeaf(c *checker, at string, v any) { among(richLeaves)(c, at, v) }

func richLeaves() map[string]shape {
	style := object(func() shape {
		return shape{props: map[string]rule{"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean,
			"underline": boolean, "highlight": boolean, "client_highlight": boolean, "unlink": boolean}}
	})
	id := chars(1, 255)
	return map[string]shape{
		"text":      {need: []string{"text"}, props: map[string]rule{"text": richText, "style": style}},
		"link":      {need: []string{"url"}, props: map[string]rule{"url": address, "text": chars(0, 3000), "style": style, "unsafe": boolean}},
		"emoji":     {need: []string{"name"}, props: map[string]rule{"name": id, "unicode": id, "style": style}},
		"user":      {need: []string{"user_id"}, props: map[string]rule{"user_id": id, "style": style}},
		"usergroup": {need: []string{"usergroup_id"}, props: map[string]rule{"usergroup_id": id, "style": style}},
		"channel":   {need: []string{"channel_id"}, props: map[string]rule{"channel_id": id, "style": style}},
		"broadcast": {need: []string{"range"}, props: map[string]rule{"range": oneOf("here", "channel", "everyone"), "style": style}},
		"date": {need: []string{"timestamp", "format"}, props: map[string]rule{
			"timestamp": number(0, 1e11), "format": id, "url": address, "fallback": chars(1, 255), "style": style,
		}},
	}
}

// richText may not be empty: Slack refuses the whole message for it.
func richText(c *checker, at string, v any) {
	chars(1, 1<<20)(c, at, v)
	s, _ := v.(string)
	c.runes += utf8.RuneCountInString(s)
}
