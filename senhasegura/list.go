package senhasegura

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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
	errTwoLists    = errors.New("the answer holds a list twice")
	errListTooLong = fmt.Errorf("the list has more than %d entries, which is more than is kept: let this authorization or access key see fewer", listEntries)
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
	ChangeUnknown   bool // the list does not tell whether AutomaticChange
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
	return collect(ctx, c.eachCredential)
}

// ListPasswords reads the list of passwords.
func (c *Client) ListPasswords(ctx context.Context) ([]Password, error) {
	return collect(ctx, c.eachPassword)
}

// ListSecrets reads the list of API secrets.
func (c *Client) ListSecrets(ctx context.Context) ([]Secret, error) {
	return collect(ctx, c.eachSecret)
}

// collect gives all of a list, or none of it: what was read before an error is not a list.
func collect[T any](ctx context.Context, list func(context.Context, func(T)) error) ([]T, error) {
	var found []T
	if err := list(ctx, func(item T) { found = append(found, item) }); err != nil {
		return nil, err
	}
	return found, nil
}

// eachCredential calls each while the list is being read; what it was called with counts only if there is
// no error in the end. So do the two below.
func (c *Client) eachCredential(ctx context.Context, each func(Credential)) error {
	o := op{module: PAMCore, name: OpListCredentials, path: c.prefix + string(credentialList)}
	return readList(ctx, c, o, credentialKeys, credentialOf, each)
}

func (c *Client) eachPassword(ctx context.Context, each func(Password)) error {
	o := op{module: MySafe, name: OpListPasswords, path: mySafePrefix + string(passwordList)}
	return readList(ctx, c, o, passwordKeys, passwordOf, each)
}

func (c *Client) eachSecret(ctx context.Context, each func(Secret)) error {
	o := op{module: MySafe, name: OpListSecrets, path: mySafePrefix + string(secretList)}
	return readList(ctx, c, o, secretKeys, secretOf, each)
}

// readList makes the one kind of GET there is and streams its answer. An answer other than HTTP 200 is
// never taken for a list, so that each is called for one answer at most, however often a token was refused.
func readList[L, T any](ctx context.Context, c *Client, o op, keys []string, entry func(*L) (T, bool), each func(T)) error {
	ctx, cancel := context.WithTimeout(ctx, c.listTimeout)
	defer cancel()
	o.method = http.MethodGet
	if c.breaker.holds() {
		return newError(o, Error{Kind: KindNotSent, Err: errHeldBack, ours: true})
	}
	fault := c.call(ctx, o, func(resp *http.Response) *Error {
		if resp.StatusCode != http.StatusOK {
			_, fault := c.readAnswer(o, resp)
			return notAList(fault, o, resp)
		}
		env, err := streamList(resp.Body, keys, entry, each)
		return listFault(o, resp, env.without(secretsOf(resp.Request)), err)
	})
	if fault != nil {
		return fault
	}
	return nil
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
	case errors.Is(err, errNoList), errors.Is(err, errTwoLists), errors.Is(err, errListTooLong):
		return unreadable(o, resp, err)
	case err != nil:
		return unreadable(o, resp, redact(err))
	}
	return nil
}
