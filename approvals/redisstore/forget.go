package redisstore

import "context"

// Forget takes an id that names no request out of the indexes; see
// approvals.Store.
func (s *Store) Forget(ctx context.Context, id string) error {
	c := &call{}
	c.key(s.keys.request(id), s.keys.pending(), s.keys.runnable(), s.keys.behind(), s.keys.ended())
	c.arg(id)
	_, err := s.run(ctx, forgetScript, c)
	return err
}
