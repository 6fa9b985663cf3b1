package senhasegura

import "strings"

// The kinds of things there are to switch.
const (
	KindCredential = "credential"
	KindPassword   = "password"
	KindSecret     = "secret"
)

// Entry is one line of the lists, whichever list it is from. Strings are on one line and bounded, but
// otherwise as somebody typed them into senhasegura.
type Entry struct {
	Kind            string // KindCredential, KindPassword or KindSecret
	ID              string
	Username        string // credentials and passwords
	Hostname        string // credentials, as the three below
	Address         string // management IP
	Type            string // "Local User", "SSH Key", …
	Model           string // of the device, as the two below
	DeviceType      string
	Vendor          string
	AutomaticChange bool   // releasing custody rotates the password
	ChangeUnknown   bool   // credentials: the list does not tell whether AutomaticChange
	Name            string // passwords and secrets; names repeat
	ReadOnly        bool   // passwords and secrets: the list says that this access key may not edit the item
}

// Target is user@host of a credential, "" for anything else.
func (e Entry) Target() string {
	if e.Kind != KindCredential || e.Username == "" || e.Hostname == "" {
		return ""
	}
	return e.Username + "@" + e.Hostname
}

// Label names the entry for people: "root@db01 · Server, Ubuntu 22.04 · id 5".
func (e Entry) Label() string {
	return joined(" · ", e.title(), field(e.kindOfAccount()), field(joined(", ", e.DeviceType, e.Model)), "id "+e.ID)
}

// field keeps the sign that separates the parts of a label out of a part:
// whoever names an entry must not be able to write an id beside it.
func field(s string) string { return strings.ReplaceAll(s, "·", "•") }

func (e Entry) title() string {
	if e.Kind != KindCredential {
		return joined(" · ", field(e.Name), field(e.Username))
	}
	host := e.Hostname
	if host == "" {
		host = e.Address
	}
	return field(joined("@", e.Username, host))
}

// kindOfAccount is said only where it is not the usual one: two entries of one name often differ in it.
func (e Entry) kindOfAccount() string {
	if strings.EqualFold(e.Type, "Local User") {
		return ""
	}
	return e.Type
}

func joined(separator string, parts ...string) string {
	var filled []string
	for _, p := range parts {
		if p != "" {
			filled = append(filled, p)
		}
	}
	return strings.Join(filled, separator)
}

func credentialEntry(c Credential) Entry {
	return Entry{
		Kind: KindCredential, ID: c.ID, Username: c.Username, Hostname: c.Hostname, Address: c.ManagementIP,
		Type: c.Type, Model: c.DeviceModel, DeviceType: c.DeviceType, Vendor: c.DeviceVendor,
		AutomaticChange: c.AutomaticChange, ChangeUnknown: c.ChangeUnknown,
	}
}

func passwordEntry(p Password) Entry {
	return Entry{Kind: KindPassword, ID: p.ID, Username: p.Username, Name: p.Name, ReadOnly: p.ReadOnly}
}

func secretEntry(s Secret) Entry {
	return Entry{Kind: KindSecret, ID: s.ID, Name: s.Name, ReadOnly: s.ReadOnly}
}
