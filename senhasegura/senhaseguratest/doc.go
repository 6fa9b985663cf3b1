// Package senhaseguratest is a senhasegura appliance in a process, for tests and for trying things out.
//
// # Goals
//
// It answers as the vendor's manuals print it (3.32, 3.33, 4.x), page by page with their differences in the
// envelope, over real HTTP. It keeps state: what is deactivated stays so, custody can be released once. It
// keeps a journal of every request, so that a test can say "exactly one call, by the right client". It is
// unkind on demand: faults are injected through a control surface apart from the API, as Go methods and as
// HTTP. And it knows what must never happen: reading a single item is answered, as the real one would, and
// remembered in Violations.
//
//	appliance := senhaseguratest.New(senhaseguratest.Config{
//		PAM:  senhaseguratest.Client{ID: "pam", Secret: "s1"},
//		Data: senhaseguratest.Sample(),
//	})
//	server := httptest.NewServer(appliance)
//	appliance.Inject(senhaseguratest.Fault{Method: "DELETE", Path: "/api/pam/*", Times: 1, Kind: senhaseguratest.Reset, Act: true})
//
// # Limits
//
// No appliance was at hand to compare it with. Marked [inferred] in the code: the status of refused tokens
// and of failed client authentication, the answer for SSH keys, which of two credentials of one name is
// taken. There is no authorization by IP address or certificate, no encryption of answers, no expiry of
// custody, and no other endpoint: those answer "Resource sub not found".
//
// It shares no type with the client, so that it does not share its mistakes.
package senhaseguratest
