package senhaseguratest

import (
	"fmt"
	"net/http"
	"strconv"
)

// safeItem is a password or an API secret, as the calls see it.
type safeItem struct {
	inactive *bool
	readOnly bool
	noun     string // "Password", "Api secret": as the messages begin
	password bool
}

// mysafe routes the calls of MySafe.
func (a *Appliance) mysafe(q request) reply {
	if len(q.path) < 2 || q.path[1] != "password" && q.path[1] != "secretapi" {
		return a.fail(http.StatusNotFound, 0, "Resource sub not found")
	}
	last := q.path[len(q.path)-1]
	switch {
	case q.method == http.MethodGet && len(q.path) == 2 && last == "password":
		return a.listPasswords()
	case q.method == http.MethodGet && len(q.path) == 2:
		return a.listSecrets()
	case q.method == http.MethodGet && len(q.path) == 3:
		return a.withItem(q, a.readItem)
	case q.method == http.MethodPost && len(q.path) == 4 && q.path[2] == "active":
		return a.withItem(q, func(i safeItem) reply { return a.turn(i, false) })
	case q.method == http.MethodPost && len(q.path) == 4 && q.path[2] == "inactive":
		return a.withItem(q, func(i safeItem) reply { return a.turn(i, true) })
	}
	return a.fail(http.StatusNotFound, 0, "Resource sub not found")
}

func (a *Appliance) withItem(q request, next func(safeItem) reply) reply {
	id, err := strconv.Atoi(q.path[len(q.path)-1])
	if err != nil {
		return a.fail(http.StatusBadRequest, 1010, "Unexpected identifier type")
	}
	item, found := a.item(q.path[1], id)
	switch {
	case !found && item.password && q.path[2] == "inactive":
		return a.fail(http.StatusBadRequest, 1005, "Password not found").edit(withZeroCodes)
	case !found:
		return a.fail(http.StatusBadRequest, 1005, item.noun+" not found")
	case item.readOnly:
		return a.fail(http.StatusBadRequest, 1006, "User does not have access")
	}
	return next(item)
}

func (a *Appliance) item(resource string, id int) (safeItem, bool) {
	if resource == "password" {
		for i := range a.data.Passwords {
			if p := &a.data.Passwords[i]; p.ID == id {
				return safeItem{&p.Inactive, p.ReadOnly, "Password", true}, true
			}
		}
		return safeItem{noun: "Password", password: true}, false
	}
	for i := range a.data.Secrets {
		if s := &a.data.Secrets[i]; s.ID == id {
			return safeItem{&s.Inactive, s.ReadOnly, "Api secret", false}, true
		}
	}
	return safeItem{noun: "Api secret"}, false
}

// turn switches an item on or off. That it is so already is a 200 here, unlike in PAM Core.
func (a *Appliance) turn(i safeItem, inactive bool) reply {
	word := map[bool]string{false: "activated", true: "deactivated"}[inactive]
	if *i.inactive == inactive {
		return a.ok(i.noun+" has already been "+word, false)
	}
	*i.inactive = inactive
	switch {
	case i.password && inactive:
		return a.ok("Password successfully deactivated", true).edit(withoutCode).edit(without("detail"))
	case i.password:
		return a.ok("Password successfully activated", true)
	case inactive:
		return a.ok("API secret successfully deactivated", true).edit(withoutCode)
	}
	return a.ok("Api secret activated successfully", true)
}

// readItem is what nobody here may call: it gives the secret away.
func (a *Appliance) readItem(i safeItem) reply {
	if *i.inactive {
		return a.fail(http.StatusBadRequest, 1009, "Inactive "+map[bool]string{true: "password", false: "api secret"}[i.password])
	}
	r := a.ok(i.noun+" found", false)
	r.class = "item"
	r.body["item"] = map[string]any{"content": "clear-content"}
	return r
}

func (a *Appliance) listPasswords() reply {
	list := []any{}
	for _, p := range a.data.Passwords {
		list = append(list, map[string]any{"identifier": a.listedID(p.ID), "name": p.Name, "url": p.URL, "username": p.Username,
			"tags": []string{}, "can_view": true, "can_write": !p.ReadOnly})
	}
	key := "password_on_list"
	if a.config.Irregular {
		key = "passwords_on_list"
	}
	return a.listReply(key, list)
}

func (a *Appliance) listSecrets() reply {
	list := []any{}
	for _, s := range a.data.Secrets {
		list = append(list, map[string]any{"identifier": a.listedID(s.ID), "name": s.Name, "can_view": "1",
			"can_write": map[bool]string{false: "1", true: "0"}[s.ReadOnly]})
	}
	return a.listReply("api_secret_on_list", list)
}

func (a *Appliance) listedID(id int) any {
	if a.config.Irregular {
		return fmt.Sprint(id)
	}
	return id
}

func (a *Appliance) listReply(key string, list []any) reply {
	r := a.ok("List found", false)
	r.class = "list"
	r.body[key] = list
	return r
}
