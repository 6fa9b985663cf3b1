package senhaseguratest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// pam routes the calls of PAM Core.
func (a *Appliance) pam(q request) reply {
	route := q.method + " " + strings.Join(q.path[:min(2, len(q.path))], "/")
	switch {
	case route == "GET pam/credential" && len(q.path) == 2:
		return a.listCredentials()
	case route == "GET pam/credential" && len(q.path) == 3:
		return a.withCredential(q.path[2], a.readCredential)
	case route == "PUT pam/credential" && len(q.path) == 3:
		return a.withCredential(q.path[2], a.enableAs(q.prefix))
	case route == "DELETE pam/credential" && len(q.path) == 3:
		return a.withCredential(q.path[2], a.disable)
	case route == "DELETE pam/credential" && len(q.path) == 4 && q.path[2] == "custody":
		return a.withCredential(q.path[3], a.release)
	case route == "POST pam/credential":
		return a.fail(http.StatusBadRequest, 1042, "Invalid username")
	}
	return a.fail(http.StatusNotFound, 0, "Resource sub not found")
}

// withCredential finds a credential by id or user@host and checks what every call checks.
func (a *Appliance) withCredential(ref string, next func(*Credential) reply) reply {
	c := a.find(ref)
	switch {
	case c == nil:
		return a.fail(http.StatusBadRequest, 1007, "Credential not found")
	case c.Type == "SSH Key":
		return a.fail(http.StatusBadRequest, 1010, "The item is not a credential")
	case c.NoAccess:
		return a.fail(http.StatusBadRequest, 1009, "No access to credential")
	case a.config.ReadOnly:
		return a.fail(http.StatusBadRequest, 1039, "Without PAM Configuration Access permission")
	}
	return next(c)
}

// find takes the first of two credentials of one name [unknown which the real one takes].
func (a *Appliance) find(ref string) *Credential {
	id, err := strconv.Atoi(ref)
	user, host, named := splitName(ref)
	for i := range a.data.Credentials {
		c := &a.data.Credentials[i]
		if err == nil && c.ID == id || named && c.Username == user && c.Hostname == host {
			return c
		}
	}
	return nil
}

// enableAs answers as 3.33 prints it under /api, and as 3.32 does under /iso.
func (a *Appliance) enableAs(prefix string) func(*Credential) reply {
	return func(c *Credential) reply {
		if !c.Inactive {
			return a.fail(http.StatusBadRequest, 1043, "Credential is already activated!")
		}
		c.Inactive = false
		r := a.ok("Credential successfully activated", true)
		if prefix == "/api" {
			r = r.edit(withMessage)
		}
		return r
	}
}

func (a *Appliance) disable(c *Credential) reply {
	if c.Inactive {
		return a.fail(http.StatusBadRequest, 1008, "Credential inactive")
	}
	c.Inactive = true
	return a.ok("Credential successfully deactivated", true)
}

func (a *Appliance) release(c *Credential) reply {
	switch {
	case c.Inactive:
		return a.fail(http.StatusBadRequest, 1008, "Credential inactive")
	case c.Custody != HeldByAPI:
		return a.fail(http.StatusBadRequest, 1018, "The credential is not in the user custody")
	}
	c.Custody = ""
	if c.AutomaticChange {
		c.Rotations++
	}
	return a.ok(fmt.Sprintf("Credential custody %d released", c.ID), true)
}

// readCredential is what nobody here may call: it gives the password away and takes custody.
func (a *Appliance) readCredential(c *Credential) reply {
	if c.Inactive {
		return a.fail(http.StatusBadRequest, 1008, "Credential inactive")
	}
	c.Custody = HeldByAPI
	r := a.ok("Credential found", true)
	r.class = "item"
	r.body["credential"] = map[string]any{"id": c.ID, "username": c.Username, "hostname": c.Hostname, "password": "clear-password-of-" + c.Username}
	return r
}

func (a *Appliance) listCredentials() reply {
	list := []any{}
	for _, c := range a.data.Credentials {
		list = append(list, a.listed(c))
	}
	r := a.ok("Credentials found", false)
	r.class = "list"
	r.body["credentials"] = list
	return r
}

// listed prints ids as strings, automatic_change as "0" or "1", and both date forms, as 3.33 does.
func (a *Appliance) listed(c Credential) map[string]any {
	var id, automatic any = strconv.Itoa(c.ID), c.AutomaticChange
	if a.config.Irregular {
		id = c.ID
	}
	if c.ID%2 == 0 || a.config.Irregular {
		automatic = map[bool]string{false: "0", true: "1"}[c.AutomaticChange]
	}
	return map[string]any{
		"id": id, "identifier": c.Identifier, "username": c.Username, "hostname": c.Hostname,
		"management_ip": c.ManagementIP, "type": c.Type, "device_model": c.Model, "device_type": c.DeviceType,
		"device_vendor": c.Vendor, "automatic_change": automatic,
		"expiration": nil, "change": "2024-05-02T10:00:00-03:00", "view": "2024-05-02 10:00:00",
	}
}
