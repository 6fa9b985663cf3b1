package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"senhasegura-bot/senhasegura/senhaseguratest"
)

// controlPath is where the control surface is. The API's own paths begin /api and /iso.
const controlPath = "/_control"

// The clients of the sandbox's senhasegura.
var (
	sandboxPAM    = senhaseguratest.Client{ID: "sandbox-pam", Secret: "sandbox-pam-secret"}
	sandboxMySafe = senhaseguratest.Client{ID: "sandbox-mysafe", Secret: "sandbox-mysafe-secret"}
)

// serveAppliance serves the simulated senhasegura alone, for whoever tests
// another tool, until ctx ends.
func (s *sandboxCommand) serveAppliance(ctx context.Context, out io.Writer, l net.Listener, data senhaseguratest.Data) error {
	appliance := senhaseguratest.New(senhaseguratest.Config{PAM: sandboxPAM, MySafe: sandboxMySafe, Data: data})
	announceAppliance(out, "http://"+l.Addr().String())
	return servePage(ctx, l, withControl(appliance))
}

// withControl puts the control surface beside the API. It is no ServeMux, which
// would answer unclean paths of the API by itself, with a redirect.
func withControl(appliance *senhaseguratest.Appliance) http.Handler {
	control := http.NewCrossOriginProtection().Handler(http.StripPrefix(controlPath, appliance.Control())) // no page elsewhere arms faults
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, controlPath+"/"):
			control.ServeHTTP(w, r)
		case r.URL.Path == controlPath:
			http.Redirect(w, r, controlPath+"/", http.StatusPermanentRedirect)
		default:
			appliance.ServeHTTP(w, r)
		}
	})
}

// data is what the appliance holds: the sample, or what --data names.
func (s *sandboxCommand) data() (senhaseguratest.Data, error) {
	switch {
	case s.Data == "":
		return senhaseguratest.Sample(), nil
	case !s.ApplianceOnly:
		return senhaseguratest.Data{}, usage("--data needs --appliance-only")
	}
	file, err := os.Open(s.Data)
	if err != nil {
		return senhaseguratest.Data{}, usage("--data cannot be read: %v", err)
	}
	defer file.Close()
	data, err := senhaseguratest.ReadData(file)
	if err != nil {
		return senhaseguratest.Data{}, usage("--data %s is not what an appliance could hold: %v", s.Data, err)
	}
	return data, nil
}

func usage(format string, args ...any) error {
	return &usageError{lines: []string{fmt.Sprintf(format, args...)}}
}

func announceAppliance(w io.Writer, address string) {
	fmt.Fprintf(w, `listening on %[1]s

A simulated senhasegura, for testing tools against. It answers as the manuals
say (3.32 to 4.x), under /api and, for PAM Core, /iso too. Nothing here is
real, and nothing is kept. Ctrl-C ends it.

PAM Core: client id %[2]s, secret %[3]s
MySafe:   client id %[4]s, secret %[5]s

A token, the list, and a call:
  TOKEN=$(curl -s %[1]s/api/oauth2/token -d grant_type=client_credentials -d client_id=%[2]s -d client_secret=%[3]s | sed -n 's/.*"access_token": "\(.*\)".*/\1/p')
  curl -s -H "Authorization: Bearer $TOKEN" %[1]s/api/pam/credential
  curl -s -H "Authorization: Bearer $TOKEN" -X DELETE %[1]s/api/pam/credential/5

Lose the answer to the next call, though it is carried out:
  curl -s %[1]s%[6]s/faults -d '{"method": "DELETE", "path": "/api/pam/*", "times": 1, "kind": "reset", "act": true}'

What was asked and answered, and everything else there is to see and set:
  curl -s %[1]s%[6]s/calls
  curl -s %[1]s%[6]s/
`, address, sandboxPAM.ID, sandboxPAM.Secret, sandboxMySafe.ID, sandboxMySafe.Secret, controlPath)
}
