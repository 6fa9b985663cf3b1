package senhaseguratest

import "slices"

// Who holds custody of a credential.
const (
	HeldByAPI    = "api"    // taken with the bot's own authorization: can be released
	HeldByPerson = "person" // taken in the web interface: 1018
)

// Data is the state of an appliance.
type Data struct {
	Credentials []Credential `json:"credentials"`
	Passwords   []Password   `json:"passwords"`
	Secrets     []Secret     `json:"secrets"`
}

// Credential of PAM Core. Type "SSH Key" is no credential to the calls on one: 1010 [inferred].
type Credential struct {
	ID              int    `json:"id"`
	Identifier      string `json:"identifier,omitempty"`
	Username        string `json:"username"`
	Hostname        string `json:"hostname"`
	ManagementIP    string `json:"management_ip,omitempty"`
	Type            string `json:"type,omitempty"`
	Model           string `json:"device_model,omitempty"`
	DeviceType      string `json:"device_type,omitempty"`
	Vendor          string `json:"device_vendor,omitempty"`
	AutomaticChange bool   `json:"automatic_change,omitempty"`
	Inactive        bool   `json:"inactive,omitempty"`
	Custody         string `json:"custody,omitempty"`   // HeldByAPI, HeldByPerson or ""
	NoAccess        bool   `json:"no_access,omitempty"` // 1009
	Rotations       int    `json:"rotations,omitempty"` // how often releasing changed the password
}

// Password of MySafe.
type Password struct {
	ID       int    `json:"identifier"`
	Name     string `json:"name"`
	URL      string `json:"url,omitempty"`
	Username string `json:"username,omitempty"`
	Inactive bool   `json:"inactive,omitempty"`
	ReadOnly bool   `json:"read_only,omitempty"` // the access key's user may not edit it: 1006
}

// Secret is an API secret of MySafe.
type Secret struct {
	ID       int    `json:"identifier"`
	Name     string `json:"name"`
	Inactive bool   `json:"inactive,omitempty"`
	ReadOnly bool   `json:"read_only,omitempty"`
}

func (d Data) clone() Data {
	return Data{slices.Clone(d.Credentials), slices.Clone(d.Passwords), slices.Clone(d.Secrets)}
}

// Credential returns the credential of an id; ok is false without one.
func (d Data) Credential(id int) (Credential, bool) {
	i := slices.IndexFunc(d.Credentials, func(c Credential) bool { return c.ID == id })
	if i < 0 {
		return Credential{}, false
	}
	return d.Credentials[i], true
}

// Password returns the password of an identifier; ok is false without one.
func (d Data) Password(id int) (Password, bool) {
	i := slices.IndexFunc(d.Passwords, func(p Password) bool { return p.ID == id })
	if i < 0 {
		return Password{}, false
	}
	return d.Passwords[i], true
}

// Secret returns the API secret of an identifier; ok is false without one.
func (d Data) Secret(id int) (Secret, bool) {
	i := slices.IndexFunc(d.Secrets, func(s Secret) bool { return s.ID == id })
	if i < 0 {
		return Secret{}, false
	}
	return d.Secrets[i], true
}
