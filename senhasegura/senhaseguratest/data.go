package senhaseguratest

import (
	"fmt"
	"io"
	"slices"
)

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

// ReadData reads a state as JSON, strictly, and checks it.
func ReadData(r io.Reader) (Data, error) { return decode[Data](r) }

// Check says what no appliance could hold: an id below 1 or twice in one list, or an unknown holder of custody.
func (d Data) Check() error {
	seen := map[string]bool{}
	id := func(what string, n int) error {
		name := fmt.Sprint(what, " ", n)
		if n < 1 || seen[name] {
			return fmt.Errorf("%s: an id must be 1 or more, and not be there twice", name)
		}
		seen[name] = true
		return nil
	}
	for _, c := range d.Credentials {
		if err := id("credential", c.ID); err != nil {
			return err
		}
		if !slices.Contains([]string{"", HeldByAPI, HeldByPerson}, c.Custody) {
			return fmt.Errorf("credential %d: custody must be %q, %q or absent, not %q", c.ID, HeldByAPI, HeldByPerson, c.Custody)
		}
	}
	for _, p := range d.Passwords {
		if err := id("password", p.ID); err != nil {
			return err
		}
	}
	for _, s := range d.Secrets {
		if err := id("secret", s.ID); err != nil {
			return err
		}
	}
	return nil
}

func (d Data) clone() Data {
	return Data{append([]Credential{}, d.Credentials...), append([]Password{}, d.Passwords...), append([]Secret{}, d.Secrets...)} // never nil: [] in JSON
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
