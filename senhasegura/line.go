package senhasegura

// What the lists are made of, as the appliance writes it (3.33, "GET | List all credentials", "GET | List
// passwords", "GET | List API secrets"). One page has the second key for the list of passwords.
var (
	credentialKeys = []string{"credentials"}
	passwordKeys   = []string{"password_on_list", "passwords_on_list"}
	secretKeys     = []string{"api_secret_on_list"}
)

type credentialLine struct {
	ID              looseText `json:"id"`
	Identifier      looseText `json:"identifier"`
	Username        looseText `json:"username"`
	Hostname        looseText `json:"hostname"`
	ManagementIP    looseText `json:"management_ip"`
	Type            looseText `json:"type"`
	DeviceModel     looseText `json:"device_model"`
	DeviceType      looseText `json:"device_type"`
	DeviceVendor    looseText `json:"device_vendor"`
	AutomaticChange looseFlag `json:"automatic_change"`
}

type passwordLine struct {
	Identifier looseText `json:"identifier"`
	Name       looseText `json:"name"`
	Username   looseText `json:"username"`
	CanWrite   looseFlag `json:"can_write"`
}

type secretLine struct {
	Identifier looseText `json:"identifier"`
	Name       looseText `json:"name"`
	CanWrite   looseFlag `json:"can_write"`
}

// looseText is a string, number or bool on one line and bounded, "" for anything else. It never fails: a field
// that makes no sense is no reason to lose a list.
type looseText string

func (t *looseText) UnmarshalJSON(raw []byte) error {
	*t = looseText(clean(unquote(raw), fieldRunes))
	return nil
}

// looseFlag is a bool in one of the forms of flagOf.
type looseFlag struct{ value, known bool }

func (f *looseFlag) UnmarshalJSON(raw []byte) error {
	f.value, f.known = flagOf(raw)
	return nil
}

// denied is true only where the list says no: a flag that is missing says nothing.
func (f looseFlag) denied() bool { return f.known && !f.value }

// The three below report whether the line has a usable id: nothing could be done with one that has none.

func credentialOf(l *credentialLine) (Credential, bool) {
	return Credential{
		ID: string(l.ID), Identifier: string(l.Identifier), Username: string(l.Username), Hostname: string(l.Hostname),
		ManagementIP: string(l.ManagementIP), Type: string(l.Type), DeviceModel: string(l.DeviceModel),
		DeviceType: string(l.DeviceType), DeviceVendor: string(l.DeviceVendor),
		AutomaticChange: l.AutomaticChange.value, ChangeUnknown: !l.AutomaticChange.known,
	}, idForm.MatchString(string(l.ID))
}

func passwordOf(l *passwordLine) (Password, bool) {
	return Password{ID: string(l.Identifier), Name: string(l.Name), Username: string(l.Username), ReadOnly: l.CanWrite.denied()},
		idForm.MatchString(string(l.Identifier))
}

func secretOf(l *secretLine) (Secret, bool) {
	return Secret{ID: string(l.Identifier), Name: string(l.Name), ReadOnly: l.CanWrite.denied()}, idForm.MatchString(string(l.Identifier))
}
