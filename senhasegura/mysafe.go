package senhasegura

import (
	"context"
	"net/http"
)

// What MySafe says an item "has already been".
const (
	activated   = "activated"
	deactivated = "deactivated"
)

// ActivatePassword enables a password of MySafe, by its identifier (manual 3.33, "POST | Enable password").
func (c *Client) ActivatePassword(ctx context.Context, id string) (Answer, error) {
	return c.mySafe(ctx, OpActivatePassword, activated, "/mysafe/password/active/", id)
}

// DeactivatePassword disables a password of MySafe (manual 3.33, "POST | Disable password").
func (c *Client) DeactivatePassword(ctx context.Context, id string) (Answer, error) {
	return c.mySafe(ctx, OpDeactivatePassword, deactivated, "/mysafe/password/inactive/", id)
}

// ActivateSecret enables an API secret of MySafe, by its identifier, not its identifier_code. The pages of
// 3.33 and 4.x print the path of passwords here, which would switch the password of the same number; their
// examples and the 3.32 manual say secretapi.
func (c *Client) ActivateSecret(ctx context.Context, id string) (Answer, error) {
	return c.mySafe(ctx, OpActivateSecret, activated, "/mysafe/secretapi/active/", id)
}

// DeactivateSecret disables an API secret of MySafe; see ActivateSecret for the path.
func (c *Client) DeactivateSecret(ctx context.Context, id string) (Answer, error) {
	return c.mySafe(ctx, OpDeactivateSecret, deactivated, "/mysafe/secretapi/inactive/", id)
}

func (c *Client) mySafe(ctx context.Context, name, state, path, id string) (Answer, error) {
	o := op{module: MySafe, name: name, method: http.MethodPost, state: state}
	return c.item(ctx, o, mySafePrefix+path, id, idSegment)
}
