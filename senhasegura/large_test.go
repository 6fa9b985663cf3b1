package senhasegura_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"senhasegura-bot/senhasegura"
)

// large is an installation whose lists are made while they are sent, so that the memory a test measures is
// what the client holds.
type large struct {
	credentials, passwords, secrets int
	line                            func(w *bufio.Writer, n, round int) // writes one credential
	changes                         bool                                // all hosts, from one reading to the next
	round                           atomic.Int64
}

// usual is a credential as large installations have them: about 430 bytes, of which the name, host and
// address are its own and the rest is what many have in common.
func usual(w *bufio.Writer, n, round int) {
	users := []string{"root", "Administrator", "svc_backup", "oracle", "postgres", "admin.local", "deploy", "CORP\\\\svc-monitoring"}
	sites := []string{"sao-paulo", "rio", "recife", "curitiba", "lisboa"}
	models := []string{"Ubuntu 22.04 LTS", "Windows Server 2022 Standard", "Red Hat Enterprise Linux 9.4", "Catalyst 9300-48P", "Oracle Database 19c", "FortiGate 200F", "VMware ESXi 8.0"}
	kinds := []string{"Server", "Workstation", "Network device", "Database"}
	vendors := []string{"Canonical", "Microsoft", "Red Hat", "Cisco Systems", "Oracle", "Fortinet", "VMware"}
	types := []string{"Local User", "Domain User", "SSH Key", "Local Administrator"}
	host := n/3 + round*1_000_000
	fmt.Fprintf(w, `{"id":"%d","identifier":"%s-%d","username":"%s","hostname":"srv-%s-app-%06d.prod.example.com.br","management_ip":"10.%d.%d.%d",`+
		`"type":"%s","device_model":"%s","device_type":"%s","device_vendor":"%s","automatic_change":"%d","expiration":"2026-01-31T23:59:59-03:00",`+
		`"change":"2025-12-01 03:00:00","view":"2025-12-01T03:00:00-03:00"}`,
		n, users[n%len(users)], n, users[n%len(users)], sites[host%len(sites)], host, host>>16&255, host>>8&255, host&255,
		types[n%len(types)], models[host%len(models)], kinds[host%len(kinds)], vendors[host%len(vendors)], n%2)
}

// unusual is a credential with long names, capitals, accents and one of a thousand kinds of devices.
func unusual(w *bufio.Writer, n, round int) {
	fmt.Fprintf(w, `{"id":"%d","username":"CORPORAÇÃO\\svc-manutenção-programada-%06d","hostname":"Servidor-De-Aplicação-%06d-%d.Produção.São-Paulo.Example.com.br",`+
		`"management_ip":"2001:0db8:85a3:0000:0000:8a2e:%04x:%04x","type":"Local User","device_model":"Modelo de série %06d","device_type":"Servidor",`+
		`"device_vendor":"Fabricante Exemplo S.A.","automatic_change":"1"}`, n, n, n, round, n>>16, n&0xffff, n%1000)
}

func (l *large) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	round := 0
	if l.changes {
		round = int(l.round.Add(1))
	}
	w := bufio.NewWriter(out)
	defer w.Flush()
	list := func(key string, n int, line func(n int)) {
		fmt.Fprintf(w, `{"code":200,"response":{"status":200,"message":"","error":false},"%s":[`, key)
		for i := range n {
			if i > 0 {
				w.WriteByte(',')
			}
			line(i + 1)
		}
		w.WriteString(`]}`)
	}
	switch r.URL.Path {
	case "/api/pam/credential":
		list("credentials", l.credentials, func(n int) { l.line(w, n, round) })
	case "/api/mysafe/password":
		list("password_on_list", l.passwords, func(n int) {
			fmt.Fprintf(w, `{"identifier":%d,"name":"Console da AWS, conta %06d","url":"https://console.example.com/%d","username":"ops%d@corp.example","tags":["aws","prod"],"can_view":true,"can_write":true}`, n, n, n, n%50)
		})
	case "/api/mysafe/secretapi":
		list("api_secret_on_list", l.secrets, func(n int) {
			fmt.Fprintf(w, `{"identifier":%d,"name":"billing-api-%06d","can_view":true,"can_write":true}`, n, n)
		})
	}
}

// become makes the installation another one.
func (l *large) become(other *large) {
	l.credentials, l.passwords, l.secrets = other.credentials, other.passwords, other.secrets
	l.line, l.changes = other.line, other.changes
}

// lists reads the lists of the installation once. They stay fresh, however busy the machine is: a search of lists
// that are not finds nothing, and that quickly.
func (l *large) lists(t testing.TB) *senhasegura.Lists {
	t.Helper()
	server := httptest.NewServer(withTokens(l.ServeHTTP))
	c := bothModules()
	c.URL = mustURL(t, server.URL)
	client, err := senhasegura.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	began := time.Now()
	lists := senhasegura.NewLists(senhasegura.ListsConfig{Client: client, Now: func() time.Time { return began }})
	if err := lists.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return lists
}
