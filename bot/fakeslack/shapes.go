package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"unicode/utf8"
)

// The sizes below are those of docs.slack.dev/reference/block-kit.

var (
	blockID  = unique(func(c *checker) map[string]bool { return c.blockIDs }, "block_id")
	actionID = unique(func(c *checker) map[string]bool { return c.actions }, "action_id")
	options  = items(1, 100, object(func() shape { return optionShape }))
	choices  = items(1, 10, object(func() shape { return optionShape }))
	oneOpt   = object(func() shape { return optionShape })
	confirm  = object(func() shape { return confirmShape })
	element  = func(allowed ...string) rule { return among(elements, allowed...) }
)

var modalShape = shape{
	need: []string{"type", "title", "blocks"},
	props: map[string]rule{
		"title": plain(24), "submit": plain(24), "close": plain(24),
		"blocks":           items(1, 100, blockRule),
		"private_metadata": chars(0, 3000), "callback_id": chars(0, 255), "external_id": chars(0, 255),
		"clear_on_close": boolean, "notify_on_close": boolean, "submit_disabled": boolean,
	},
	extra: func(c *checker, at string, o map[string]any) { oneOf("modal")(c, at+"/type", o["type"]) },
}

var confirmShape = shape{
	need: []string{"title", "text", "confirm", "deny"},
	props: map[string]rule{
		"title": plain(100), "text": anyText(300), "confirm": plain(30), "deny": plain(30),
		"style": oneOf("primary", "danger"),
	},
}

var optionShape = shape{
	need: []string{"text", "value"},
	props: map[string]rule{
		"text": anyText(75), "value": chars(1, 150), "description": anyText(75), "url": address,
	},
}

var optionGroup = object(func() shape {
	return shape{need: []string{"label", "options"}, props: map[string]rule{"label": plain(75), "options": options}}
})

// blockRule judges one block by its type.
func blockRule(c *checker, at string, v any) {
	o, _ := v.(map[string]any)
	kind, _ := o["type"].(string)
	if kind == "alert" && !c.modal {
		c.fail(at, "unsupported type: %q", kind)
		return
	}
	if kind == "input" {
		c.inputs++
	}
	c.actions = map[string]bool{} // an action_id is unique within its block
	among(blockShapes)(c, at, v)
}

func blockShapes() map[string]shape {
	all := map[string]shape{
		"divider": {},
		"header":  {need: []string{"text"}, props: map[string]rule{"text": plain(150)}},
		"section": {extra: needsText, props: map[string]rule{
			"text": anyText(3000), "fields": items(1, 10, anyText(2000)), "expand": boolean,
			"accessory": element(interactive("image")...),
		}},
		"context": {need: []string{"elements"}, props: map[string]rule{"elements": items(1, 10, contextElement)}},
		"actions": {need: []string{"elements"}, props: map[string]rule{"elements": items(1, 25, element(interactive()...))}},
		"alert": {need: []string{"text"}, props: map[string]rule{
			"text": anyText(3000), "level": oneOf("default", "info", "warning", "error", "success"),
		}},
		"image": {need: []string{"alt_text"}, props: map[string]rule{
			"alt_text": chars(1, 2000), "image_url": address, "title": plain(2000),
		}},
		"input": {need: []string{"label", "element"}, props: map[string]rule{
			"label": plain(2000), "hint": plain(2000), "optional": boolean, "dispatch_action": boolean,
			"element": element(append(selects(), "plain_text_input", "checkboxes", "radio_buttons", "datepicker")...),
		}},
		"markdown":  {need: []string{"text"}, props: map[string]rule{"text": chars(1, 12000)}},
		"rich_text": {need: []string{"elements"}, props: map[string]rule{"elements": items(1, 1000, richPart)}},
	}
	for kind, s := range all {
		if s.props == nil {
			s.props = map[string]rule{}
		}
		s.props["block_id"] = blockID
		all[kind] = s
	}
	return all
}

func needsText(c *checker, at string, o map[string]any) {
	if o["text"] == nil && o["fields"] == nil {
		c.fail(at, "must define either `text` or `fields`")
	}
}

func contextElement(c *checker, at string, v any) {
	o, _ := v.(map[string]any)
	if o["type"] == "image" {
		element("image")(c, at, v)
		return
	}
	anyText(3000)(c, at, v)
}

func selects() []string {
	return []string{"static_select", "external_select", "users_select", "conversations_select", "multi_static_select", "multi_external_select"}
}

func interactive(more ...string) []string {
	return append(append(selects(), "button", "overflow", "checkboxes", "radio_buttons", "datepicker"), more...)
}

func elements() map[string]shape {
	button := map[string]rule{
		"text": plain(75), "value": chars(0, 2000), "url": address, "style": oneOf("primary", "danger"),
		"accessibility_label": chars(1, 75),
	}
	choice := map[string]rule{"placeholder": plain(150), "focus_on_load": boolean}
	static := with(choice, "options", options, "option_groups", items(1, 100, optionGroup), "initial_option", oneOpt)
	all := map[string]shape{
		"button":        {need: []string{"text"}, props: button},
		"overflow":      {need: []string{"options"}, props: map[string]rule{"options": items(1, 5, oneOpt)}},
		"static_select": {props: static, extra: needsOptions},
		"multi_static_select": {extra: needsOptions, props: with(choice, "options", options,
			"option_groups", items(1, 100, optionGroup), "initial_options", options, "max_selected_items", number(1, 100))},
		"external_select": {props: with(choice, "initial_option", oneOpt, "min_query_length", number(0, 3000))},
		"multi_external_select": {props: with(choice, "initial_options", options,
			"min_query_length", number(0, 3000), "max_selected_items", number(1, 100))},
		"users_select":         {props: with(choice, "initial_user", chars(1, 255))},
		"conversations_select": {props: with(choice, "initial_conversation", chars(1, 255), "default_to_current_conversation", boolean)},
		"checkboxes":           {need: []string{"options"}, extra: initialKnown, props: with(choice, "options", choices, "initial_options", choices)},
		"radio_buttons":        {need: []string{"options"}, extra: initialKnown, props: with(choice, "options", choices, "initial_option", oneOpt)},
		"datepicker":           {props: with(choice, "initial_date", chars(10, 10))},
		"plain_text_input": {extra: initialFits, props: with(choice, "initial_value", chars(0, 3000), "multiline", boolean,
			"min_length", number(0, 3000), "max_length", number(1, 3000), "dispatch_action_config", anything)},
	}
	for kind, s := range all {
		s.props = with(s.props, "action_id", actionID, "confirm", confirm)
		all[kind] = s
	}
	delete(all["plain_text_input"].props, "confirm")
	all["image"] = shape{need: []string{"alt_text"}, props: map[string]rule{"alt_text": chars(1, 2000), "image_url": address}}
	return all
}

// with adds name and rule pairs to a copy of props.
func with(props map[string]rule, pairs ...any) map[string]rule {
	out := maps.Clone(props)
	for i := 0; i < len(pairs); i += 2 {
		switch r := pairs[i+1].(type) {
		case rule:
			out[pairs[i].(string)] = r
		case func(*checker, string, any):
			out[pairs[i].(string)] = r
		}
	}
	return out
}

func anything(*checker, string, any) {}

func needsOptions(c *checker, at string, o map[string]any) {
	if (o["options"] == nil) == (o["option_groups"] == nil) {
		c.fail(at, "must define either `options` or `option_groups`")
	}
	initialKnown(c, at, o)
}

// initialKnown refuses initial choices that are not exactly one of the options.
func initialKnown(c *checker, at string, o map[string]any) {
	known := map[string]bool{}
	collect := func(v any) {
		list, _ := v.([]any)
		for _, option := range list {
			known[string(canonical(option))] = true
		}
	}
	collect(o["options"])
	groups, _ := o["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(map[string]any)
		collect(group["options"])
	}
	initial, _ := o["initial_options"].([]any)
	if first, ok := o["initial_option"]; ok {
		initial = append(initial, first)
	}
	for _, option := range initial {
		if !known[string(canonical(option))] {
			c.fail(at, "the initial option must be one of the options")
		}
	}
}

// canonical drops what Slack fills in by itself before it compares.
func canonical(option any) []byte {
	o, _ := option.(map[string]any)
	text, _ := o["text"].(map[string]any)
	return fmt.Appendf(nil, "%v %v %v", o["value"], text["type"], text["text"])
}

func initialFits(c *checker, at string, o map[string]any) {
	value, _ := o["initial_value"].(string)
	if most, ok := o["max_length"].(float64); ok && float64(utf8.RuneCountInString(value)) > most {
		c.fail(at+"/initial_value", "must be less than %.0f characters", most+1)
	}
}

// decode reads JSON this package has already checked.
func decode[T any](raw json.RawMessage) T {
	var v T
	_ = json.Unmarshal(raw, &v)
	return v
}
