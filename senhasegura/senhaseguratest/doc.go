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
// # Unkindness
//
// Kinds explains the faults: answers of another content, answers at another time, and connections that end or go
// wrong. Documented is what the manuals print, by name, and Irregularities what differs from page to page; a fault
// can ask for each. Over HTTP (Control) the same:
//
//	POST /faults {"kind": "documented", "name": "pam.1018", "path": "*/custody/*", "times": 1}
//	POST /faults {"kind": "edited", "set": {"response.error": "1", "code": null}}
//	POST /faults {"kind": "open_chunk", "method": "DELETE"}
//
// To test a tool in another language against it: senhasegura-bot sandbox --appliance-only serves the API, and
// Control under /_control/.
//
// # Limits
//
// No appliance was at hand to compare it with. Marked [inferred] in the code: the status of refused tokens, of
// failed client authentication and of most texts of the gateway, the answer for SSH keys, which of two
// credentials of one name is taken. The wording of refusals that only neighbouring calls document is shortened.
// There is no authorization by IP address or certificate, no encryption of answers, no expiry of custody, and no
// other endpoint: those answer "Resource sub not found". It speaks HTTP/1.1, as the faults of the connection
// need; a TLS handshake that fails is for whoever owns the listener.
//
// It shares no type with the client, so that it does not share its mistakes.
package senhaseguratest
