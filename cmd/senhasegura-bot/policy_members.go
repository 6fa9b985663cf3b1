package main

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"senhasegura-bot/senhasegura"
)

// membersFile is a workspace written down: what Slack and senhasegura's list
// would say, for looking at a policy where neither can be asked. The zero
// value knows nobody.
type membersFile struct {
	path     string
	users    map[string]memberUser
	groups   map[string]memberGroup
	channels map[string]memberChannel
	// targets are the list; nil where the file says nothing about it.
	targets []senhasegura.Entry
}

// The standings an account can have. Only full members ask and approve.
const fullMember = "member"

var standings = []string{fullMember, "guest", "bot", "deactivated", "invited", "stranger"}

type memberUser struct{ name, standing string }

type memberGroup struct {
	handle  string // without the @
	members []string
}

type memberChannel struct {
	name, creator                     string
	private, shared, archived, joined bool
	members                           []string
}

var (
	channelID = regexp.MustCompile(`^[CG][A-Z0-9]+$`)
	targetID  = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
)

// loadMembers reads the file as strictly as a policy is read. Its error is a
// *PolicyFaults.
func loadMembers(path string) (*membersFile, error) {
	src, err := readPolicy(path)
	if err != nil {
		return nil, &PolicyFaults{Path: path, Faults: []Fault{{Message: err.Error()}}}
	}
	return parseMembers(path, src)
}

func parseMembers(path string, src []byte) (*membersFile, error) {
	m := &membersFile{path: path, users: map[string]memberUser{}, groups: map[string]memberGroup{}, channels: map[string]memberChannel{}}
	r := membersReader{policyReader: policyReader{what: "file of members"}, file: m}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if r.characters(src); len(r.faults) == 0 {
		r.members(src)
	}
	if len(r.faults) > 0 {
		return nil, &PolicyFaults{Path: path, Faults: sorted(r.faults)}
	}
	return m, nil
}

// membersReader reads with the means of the policy's reader. Accounts that are
// named before users are read are looked up at the end.
type membersReader struct {
	policyReader
	file  *membersFile
	named []namedAccount
}

type namedAccount struct {
	at position
	id string
}

func (r *membersReader) members(src []byte) {
	body := r.document(src)
	if body == nil {
		return
	}
	r.mapping(body, "the "+r.what, fields{
		"users":    r.each(r.user),
		"groups":   r.each(r.group),
		"channels": r.each(r.channel),
		"targets": func(k key, v ast.Node) {
			r.file.targets = []senhasegura.Entry{}
			r.each(r.target)(k, v)
		},
	})
	for _, n := range r.named {
		if _, known := r.file.users[n.id]; !known {
			r.fault(n.at, "%q is not among the users", n.id)
		}
	}
}

func (r *membersReader) each(read func(ast.Node)) func(key, ast.Node) {
	return func(k key, v ast.Node) {
		for _, entry := range r.list(k, v, mayBeEmpty) {
			read(entry)
		}
	}
}

func (r *membersReader) user(n ast.Node) {
	var id string
	u := memberUser{standing: fullMember}
	seen := r.mapping(n, "a user", fields{
		"id":       r.id(&id, personID, "an account begins with U or W"),
		"name":     func(k key, v ast.Node) { u.name, _ = r.text(k, v) },
		"standing": func(k key, v ast.Node) { r.choice(k, v, &u.standing, standings...) },
	})
	enter(r, n, seen, r.file.users, id, u)
}

func (r *membersReader) group(n ast.Node) {
	var id string
	var g memberGroup
	seen := r.mapping(n, "a group", fields{
		"id":      r.id(&id, groupID, "a user group begins with S"),
		"handle":  func(k key, v ast.Node) { g.handle = r.handle(k, v) },
		"members": func(k key, v ast.Node) { g.members = r.people(k, v) },
	})
	enter(r, n, seen, r.file.groups, id, g)
}

func (r *membersReader) channel(n ast.Node) {
	var id string
	c := memberChannel{joined: true}
	seen := r.mapping(n, "a channel", fields{
		"id":       r.id(&id, channelID, "a channel begins with C or G"),
		"name":     func(k key, v ast.Node) { c.name = r.channelName(k, v) },
		"private":  func(k key, v ast.Node) { r.flag(k, v, &c.private) },
		"shared":   func(k key, v ast.Node) { r.flag(k, v, &c.shared) },
		"archived": func(k key, v ast.Node) { r.flag(k, v, &c.archived) },
		"joined":   func(k key, v ast.Node) { r.flag(k, v, &c.joined) },
		"creator":  r.id(&c.creator, personID, "an account begins with U or W"),
		"members":  func(k key, v ast.Node) { c.members = r.people(k, v) },
	})
	enter(r, n, seen, r.file.channels, id, c)
}

func (r *membersReader) target(n ast.Node) {
	e := senhasegura.Entry{Kind: senhasegura.KindCredential}
	seen := r.mapping(n, "a target", fields{
		"id":   r.id(&e.ID, targetID, "a target's id is 1 to 18 digits"),
		"name": func(k key, v ast.Node) { e.Name, _ = r.text(k, v) },
		"kind": func(k key, v ast.Node) {
			r.choice(k, v, &e.Kind, senhasegura.KindCredential, senhasegura.KindPassword, senhasegura.KindSecret)
		},
	})
	if _, has := seen["id"]; !has && seen != nil {
		r.fault(where(n), `a target has no "id"`)
	}
	if at, has := seen["name"]; has && e.Kind == senhasegura.KindCredential {
		last := strings.LastIndex(e.Name, "@") // senhasegura's user names may hold one
		if last < 1 || last == len(e.Name)-1 {
			r.fault(at, `the "name" of a credential is user@host`)
			return
		}
		e.Username, e.Hostname, e.Name = e.Name[:last], e.Name[last+1:], ""
	}
	r.file.targets = append(r.file.targets, e)
}

// enter keeps an entry under its id, which must be there, and only once.
func enter[T any](r *membersReader, n ast.Node, seen map[string]position, known map[string]T, id string, entry T) {
	at, has := seen["id"]
	_, twice := known[id]
	switch {
	case seen == nil || has && id == "":
	case !has:
		r.fault(where(n), `an entry without "id"`)
	case twice:
		r.fault(at, "%q is listed twice", id)
	default:
		known[id] = entry
	}
}

// id reads an id of one form; a number need not be quoted.
func (r *membersReader) id(to *string, form *regexp.Regexp, says string) func(key, ast.Node) {
	return func(_ key, n ast.Node) {
		s := n.GetToken().Value
		switch n.(type) {
		case *ast.StringNode, *ast.IntegerNode:
			if form.MatchString(s) {
				*to = s
				return
			}
		}
		r.fault(where(n), "%s is no id here: %s", describe(n), says)
	}
}

func (r *membersReader) handle(k key, n ast.Node) string {
	s, ok := r.text(k, n)
	s = strings.TrimPrefix(s, "@")
	if ok && !groupHandle.MatchString("@"+s) {
		r.fault(where(n), "%q is no handle: lower-case letters, digits, dot, hyphen, underscore", s)
	}
	for id, g := range r.file.groups {
		if g.handle == s {
			r.fault(where(n), "the handle %q is that of %s already", s, id)
		}
	}
	return s
}

func (r *membersReader) channelName(k key, n ast.Node) string {
	s, ok := r.text(k, n)
	if id, taken := r.file.byName(s); ok && taken {
		r.fault(where(n), "the name %q is that of %s already", s, id)
	}
	if strings.HasPrefix(s, "#") {
		r.fault(where(n), "channel %q: names go without the #", s)
	}
	return s
}

// people reads a list of accounts, which users must tell about.
func (r *membersReader) people(k key, n ast.Node) []string {
	var all []string
	for _, v := range r.list(k, n, mayBeEmpty) {
		var id string
		r.id(&id, personID, "an account begins with U or W")(k, v)
		if id != "" && once(&r.policyReader, v, id, all) {
			all = append(all, id)
			r.named = append(r.named, namedAccount{where(v), id})
		}
	}
	return all
}
