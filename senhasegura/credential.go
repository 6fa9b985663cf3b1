package senhasegura

import (
	"context"
	"net/http"
)

// Names of the calls, as Error.Op and log attributes.
const (
	OpActivateCredential   = "activate_credential"
	OpDeactivateCredential = "deactivate_credential"
	OpReleaseCustody       = "release_custody"
	OpActivatePassword     = "activate_password"
	OpDeactivatePassword   = "deactivate_password"
	OpActivateSecret       = "activate_secret"
	OpDeactivateSecret     = "deactivate_secret"
	OpListCredentials      = "list_credentials"
	OpListPasswords        = "list_passwords"
	OpListSecrets          = "list_secrets"
	OpToken                = "token" // of AskToken
)

const (
	codeInactive      = 1008 // "Credential inactive"
	codeAlreadyActive = 1043 // "Credential is already activated!"
)

// ActivateCredential enables a credential. On this path PUT enables; updating would be a POST
// (manual 3.33, "PUT | Enable credential"). By id only.
func (c *Client) ActivateCredential(ctx context.Context, id string) (Answer, error) {
	o := op{module: PAMCore, name: OpActivateCredential, method: http.MethodPut, already: codeAlreadyActive}
	return c.item(ctx, o, c.prefix+"/pam/credential/", id, idSegment)
}

// DeactivateCredential disables a credential, named by id or by user@host, for everybody. The account on
// the device and its password stay as they are [inferred from the manuals].
func (c *Client) DeactivateCredential(ctx context.Context, idOrName string) (Answer, error) {
	o := op{module: PAMCore, name: OpDeactivateCredential, method: http.MethodDelete, already: codeInactive}
	return c.item(ctx, o, c.prefix+"/pam/credential/", idOrName, nameOrIDSegment)
}

// ReleaseCustody gives back custody that this authorization took through the API; any other custody is
// refused with 1018. It may rotate the password. The page's example (3.33, "DEL | Release credential
// custody") lacks "custody" and would disable the credential instead; its request line has it.
func (c *Client) ReleaseCustody(ctx context.Context, id string) (Answer, error) {
	o := op{module: PAMCore, name: OpReleaseCustody, method: http.MethodDelete}
	return c.item(ctx, o, c.prefix+"/pam/credential/custody/", id, idSegment)
}

// item completes the path of a call on one item. A bad identifier is refused before anything is sent.
func (c *Client) item(ctx context.Context, o op, path, ref string, segment func(string) (string, error)) (Answer, error) {
	last, err := segment(ref)
	if err != nil {
		return Answer{}, newError(o, Error{Kind: KindRefused, Err: err})
	}
	o.path = path + last
	return c.write(ctx, o)
}
