package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/slack-go/slack"

	"senhasegura-bot/bot"
	"senhasegura-bot/bot/webhook"
	"senhasegura-bot/commands"
)

// readManifest reads manifest.yml into slack-go's type, and as it stands.
func readManifest(t *testing.T) (slack.Manifest, any) {
	t.Helper()
	src, err := os.ReadFile("../../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := yaml.Unmarshal(src, &plain); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	var manifest slack.Manifest
	strict := json.NewDecoder(strings.NewReader(string(asJSON)))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&manifest); err != nil {
		t.Fatalf("the manifest has a key that Slack does not know: %v", err)
	}
	return manifest, plain
}

// TestManifestKeepsEveryKey: what slack-go would send to apps.manifest.create
// is what the file says.
func TestManifestKeepsEveryKey(t *testing.T) {
	manifest, plain := readManifest(t)
	b, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	var sent any
	if err := json.Unmarshal(b, &sent); err != nil {
		t.Fatal(err)
	}
	have := leaves("", sent)
	for path, value := range leaves("", plain) {
		if value != "false" && have[path] != value { // slack-go leaves out what is false: Slack's default
			t.Errorf("%s: %q in the file, %q when sent", path, value, have[path])
		}
	}
}

// leaves are the values of a document by their paths.
func leaves(path string, node any) map[string]string {
	all := map[string]string{}
	switch n := node.(type) {
	case map[string]any:
		for k, v := range n {
			maps.Copy(all, leaves(path+"."+k, v))
		}
	case []any:
		for i, v := range n {
			maps.Copy(all, leaves(fmt.Sprintf("%s[%d]", path, i), v))
		}
	default:
		all[path] = fmt.Sprint(n)
	}
	return all
}

// TestManifestFits: the limits of docs.slack.dev/reference/app-manifest.
func TestManifestFits(t *testing.T) {
	m, _ := readManifest(t)
	command := m.Features.SlashCommands[0]
	for _, text := range []struct {
		name, value string
		least, most int
	}{
		{"display_information.name", m.Display.Name, 1, 35},
		{"display_information.description", m.Display.Description, 1, 140},
		{"display_information.long_description", m.Display.LongDescription, 174, 4000},
		{"features.bot_user.display_name", m.Features.BotUser.DisplayName, 1, 80},
		{"command", command.Command, 2, 32},
		{"command's description", command.Description, 1, 2000},
		{"command's usage_hint", command.UsageHint, 1, 1000},
	} {
		if n := len([]rune(text.value)); n < text.least || n > text.most {
			t.Errorf("%s has %d characters, Slack takes %d to %d", text.name, n, text.least, text.most)
		}
	}
	if n := len(m.Settings.EventSubscriptions.BotEvents); n > 100 {
		t.Errorf("%d bot events, Slack takes 100", n)
	}
}

// TestManifestCommand: one command, which delivers names of people and
// channels by id, and whose hint names every word there is.
func TestManifestCommand(t *testing.T) {
	m, _ := readManifest(t)
	if n := len(m.Features.SlashCommands); n != 1 {
		t.Fatalf("%d slash commands, want one", n)
	}
	command := m.Features.SlashCommands[0]
	if command.Command != "/pam" || !command.ShouldEscape {
		t.Errorf("the command is %q (escaped: %v), want /pam, escaped", command.Command, command.ShouldEscape)
	}
	hinted := strings.FieldsFunc(command.UsageHint, func(c rune) bool { return strings.ContainsRune(" |[]<>,…", c) })
	for _, word := range commands.List() {
		if slices.Contains(hinted, string(word.Name)) == word.Later {
			t.Errorf("usage_hint and the command %q disagree: %q", word.Name, command.UsageHint)
		}
	}
	for _, kind := range commands.Kinds() {
		if !slices.Contains(hinted, string(kind.Kind)) {
			t.Errorf("usage_hint does not name the kind %q", kind.Kind)
		}
	}
}

// TestManifestURLs: Slack posts where the bot listens. A request without a
// signature is refused there, and nowhere else is it found.
func TestManifestURLs(t *testing.T) {
	m, _ := readManifest(t)
	s := &server{webhook: webhook.New(webhook.Config{Logger: slog.New(slog.DiscardHandler), SigningSecret: func() string { return "secret" }})}
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for _, u := range []struct {
		use, url, path, contentType string
	}{
		{"commands", m.Features.SlashCommands[0].Url, "/slack/commands", form},
		{"interactivity", m.Settings.Interactivity.RequestUrl, "/slack/interactivity", form},
		{"options", m.Settings.Interactivity.MessageMenuOptionsUrl, "/slack/interactivity", form},
		{"events", m.Settings.EventSubscriptions.RequestUrl, "/slack/events", object},
	} {
		parsed, err := url.Parse(u.url)
		if err != nil || parsed.Scheme != "https" || parsed.Host != "pam-bot.example.com" || parsed.Path != u.path {
			t.Errorf("%s: %s, want https://pam-bot.example.com%s", u.use, u.url, u.path)
			continue
		}
		r := httptest.NewRequest(http.MethodPost, parsed.Path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", u.contentType)
		w := httptest.NewRecorder()
		s.routes(false).ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: an unsigned request to %s is answered %d, want 401", u.use, parsed.Path, w.Code)
		}
	}
	if !m.Settings.Interactivity.IsEnabled {
		t.Error("interactivity must be on")
	}
	if m.Settings.SocketModeEnabled || m.Settings.TokenRotationEnabled || m.Settings.OrgDeployEnabled {
		t.Error("socket mode, token rotation and org deploy must be off: the first is the operator's choice, the others are not supported")
	}
}

// botEvents are events with their payloads as docs.slack.dev/reference/events
// prints them, shortened to what names their subject, and that subject.
func botEvents() map[string][2]string {
	return map[string][2]string{
		"channel_archive":         {`{"channel":"C024BE91L","user":"U024BE7LH"}`, "C024BE91L"},
		"channel_id_changed":      {`{"old_channel_id":"G012Y48650T","new_channel_id":"C012Y48650T","event_ts":"1612206778.000000"}`, "G012Y48650T"},
		"channel_rename":          {`{"channel":{"id":"C02ELGNBH","name":"new_name","created":1360782804}}`, "C02ELGNBH"},
		"channel_shared":          {`{"connected_team_id":"E163Q94DX","channel":"C123ABC456"}`, "C123ABC456"},
		"channel_unarchive":       {`{"channel":"C024BE91L","user":"U024BE7LH"}`, "C024BE91L"},
		"channel_unshared":        {`{"previously_connected_team_id":"E163Q94DX","channel":"C123ABC456","is_ext_shared":false}`, "C123ABC456"},
		"group_archive":           {`{"channel":"G024BE91L"}`, "G024BE91L"},
		"group_rename":            {`{"channel":{"id":"G02ELGNBH","name":"new_name","created":1360782804}}`, "G02ELGNBH"},
		"group_unarchive":         {`{"channel":"G024BE91L"}`, "G024BE91L"},
		"member_joined_channel":   {`{"user":"W06GH7XHN","channel":"C0698JE0H","channel_type":"C","team":"T024BE7LD"}`, "C0698JE0H"},
		"member_left_channel":     {`{"user":"W06GH7XHN","channel":"C0698JE0H","channel_type":"C","team":"T024BE7LD"}`, "C0698JE0H"},
		"subteam_members_changed": {`{"subteam_id":"S123ABC456","team_id":"T060RNRCH","added_users":["U060RNRCZ"]}`, "S123ABC456"},
		"subteam_updated":         {`{"subteam":{"id":"S516MPG9X","team_id":"T0GMXV71T","handle":"user-group-test"}}`, "S516MPG9X"},
		"user_change":             {`{"user":{"id":"U1234567","team_id":"T024BE7LD","deleted":false}}`, "U1234567"},
	}
}

// TestManifestEvents: the bot can tell from each event what to forget.
func TestManifestEvents(t *testing.T) {
	m, _ := readManifest(t)
	known := botEvents()
	if want := slices.Sorted(maps.Keys(known)); !slices.Equal(m.Settings.EventSubscriptions.BotEvents, want) {
		t.Errorf("the manifest subscribes to %v, want %v", m.Settings.EventSubscriptions.BotEvents, want)
	}
	for name, event := range known {
		var e bot.Event
		if err := json.Unmarshal(fmt.Appendf(nil, `{"type":"event_callback","event":%s}`, event[0]), &e); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		in := e.Inner
		if subjects := []string{string(in.User), string(in.Channel), string(in.Subteam), in.SubteamID, in.OldChannel}; !slices.Contains(subjects, event[1]) {
			t.Errorf("%s: the bot reads %v from it, want %s", name, subjects, event[1])
		}
	}
}
