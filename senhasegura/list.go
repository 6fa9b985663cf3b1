package senhasegura

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// Bounds of a list: what a large installation has, times some.
const (
	listEntries = 200_000
	listBytes   = 256 << 20
	entryBytes  = 1 << 20
	fieldRunes  = 256
)

// listPath is where a list is. These three are the only paths the client ever reads: a GET with an id
// behind them returns clear passwords and takes custody.
type listPath string

const (
	credentialList listPath = "/pam/credential"
	passwordList   listPath = "/mysafe/password"
	secretList     listPath = "/mysafe/secretapi"
)

var (
	errNoList      = errors.New("the answer holds no list")
	errListTooLong = fmt.Errorf("the list has more than %d entries", listEntries)
)

// Credential as "GET | List all credentials" shows it (3.33): every credential linked to the
// authorization, SSH keys too. Nothing says whether it is active or who has custody.
type Credential struct {
	ID              string
	Identifier      string
	Username        string
	Hostname        string
	ManagementIP    string
	Type            string // "Local User", "SSH Key", …
	DeviceModel     string
	DeviceType      string
	DeviceVendor    string
	AutomaticChange bool // releasing custody rotates the password
}

// Password of MySafe, without its secret.
type Password struct {
	ID, Name, Username string
	ReadOnly           bool // the list says can_write: false
}

// Secret of MySafe, without its content. Names repeat.
type Secret struct {
	ID, Name string
	ReadOnly bool // the list says can_write: false
}

// ListCredentials reads the list of credentials, all of it; there is no paging.
func (c *Client) ListCredentials(ctx context.Context) ([]Credential, error) {
	o := op{module: PAMCore, name: OpListCredentials, path: c.prefix + string(credentialList)}
	return readList(ctx, c, o, []string{"credentials"}, credentialOf)
}

// ListPasswords reads the list of passwords.
func (c *Client) ListPasswords(ctx context.Context) ([]Password, error) {
	o := op{module: MySafe, name: OpListPasswords, path: mySafePrefix + string(passwordList)}
	return readList(ctx, c, o, []string{"password_on_list", "passwords_on_list"}, passwordOf)
}

// ListSecrets reads the list of API secrets.
func (c *Client) ListSecrets(ctx context.Context) ([]Secret, error) {
	o := op{module: MySafe, name: OpListSecrets, path: mySafePrefix + string(secretList)}
	return readList(ctx, c, o, []string{"api_secret_on_list"}, secretOf)
}

func credentialOf(f fields) (Credential, string) {
	text := func(key string) string { return clean(unquote(f.get(key)), fieldRunes) }
	automatic, _ := flagOf(f.get("automatic_change"))
	c := Credential{
		ID: text("id"), Identifier: text("identifier"), Username: text("username"), Hostname: text("hostname"),
		ManagementIP: text("management_ip"), Type: text("type"), DeviceModel: text("device_model"),
		DeviceType: text("device_type"), DeviceVendor: text("device_vendor"), AutomaticChange: automatic,
	}
	return c, c.ID
}

func passwordOf(f fields) (Password, string) {
	p := Password{
		ID: unquote(f.get("identifier")), Name: clean(unquote(f.get("name")), fieldRunes),
		Username: clean(unquote(f.get("username")), fieldRunes), ReadOnly: denied(f.get("can_write")),
	}
	return p, p.ID
}

func secretOf(f fields) (Secret, string) {
	s := Secret{ID: unquote(f.get("identifier")), Name: clean(unquote(f.get("name")), fieldRunes), ReadOnly: denied(f.get("can_write"))}
	return s, s.ID
}

// denied is true only where the list says no: a flag that is missing says nothing.
func denied(raw json.RawMessage) bool {
	allowed, known := flagOf(raw)
	return known && !allowed
}

// readList makes the one kind of GET there is and streams its answer. Entries without a usable id are
// left out: nothing could be done with them.
func readList[T any](ctx context.Context, c *Client, o op, keys []string, entry func(fields) (T, string)) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, c.listTimeout)
	defer cancel()
	o.method = http.MethodGet
	if c.breaker.holds() {
		return nil, newError(o, Error{Kind: KindNotSent, Err: errHeldBack, ours: true})
	}
	var found []T
	fault := c.call(ctx, o, func(resp *http.Response) *Error {
		if resp.StatusCode != http.StatusOK {
			_, fault := c.readAnswer(o, resp)
			return notAList(fault, o, resp)
		}
		var env envelope
		var err error
		found, env, err = streamList(resp.Body, keys, entry)
		return listFault(o, resp, env, err)
	})
	if fault != nil {
		return nil, fault
	}
	return found, nil
}

// notAList: a success that is not HTTP 200 holds no list.
func notAList(fault *Error, o op, resp *http.Response) *Error {
	if fault != nil {
		return fault
	}
	return unreadable(o, resp, errNoList)
}

func listFault(o op, resp *http.Response, env envelope, err error) *Error {
	switch {
	case env.failed || isGatewayText(env.text):
		return failure(o, resp, env)
	case errors.Is(err, errNoList), errors.Is(err, errListTooLong):
		return unreadable(o, resp, err)
	case err != nil:
		return unreadable(o, resp, redact(err))
	}
	return nil
}

// streamList reads {"response":{…}, "<key>":[…]} without holding more than one entry as text.
func streamList[T any](body io.Reader, keys []string, entry func(fields) (T, string)) ([]T, envelope, error) {
	s := &stream{allowance: &allowance{r: body, total: listBytes}}
	s.dec = json.NewDecoder(s.allowance)
	var found []T
	seen, rest := false, fields{}
	err := s.object(func(key string) error {
		if !slices.Contains(keys, key) {
			raw, err := s.value()
			rest[key] = raw
			return err
		}
		seen = true
		return s.array(func(raw json.RawMessage) error {
			var f fields
			if json.Unmarshal(raw, &f) != nil {
				return nil
			}
			if v, id := entry(f); idForm.MatchString(id) {
				found = append(found, v)
			}
			return nil
		})
	})
	if err == nil && !seen {
		err = errNoList
	}
	return found, envelopeOf(rest), err
}
