package main

import (
	"strconv"
	"strings"
	"testing"

	"senhasegura-bot/bot/fakeslack"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

// shown sends a command and returns what its sender is shown, to press on.
func (w *world) shown(channel, user, text string) fakeslack.Message {
	w.t.Helper()
	reply, err := w.ws.Command(user, channel, "/pam", text)
	if err != nil || reply.Shown == nil {
		w.t.Fatalf("%s typed %q: %+v, %v", user, text, reply, err)
	}
	return *reply.Shown
}

// presses presses the index-th button of an action in an answer and waits for
// the form.
func (w *world) presses(user string, answer fakeslack.Message, action string, index int) fakeslack.View {
	w.t.Helper()
	_, _ = w.ws.CloseView(user) // one from before
	if _, err := w.ws.Press(fakeslack.Press{User: user, Message: answer.Ref(), ActionID: action, Index: index}); err != nil {
		w.t.Fatalf("%s pressed %s: %v", user, action, err)
	}
	return w.opened(user, "request")
}

// sends submits a form that has nothing wrong and returns its card.
func (w *world) sends(user string, form fakeslack.View, values fakeslack.Values) fakeslack.Message {
	w.t.Helper()
	before := len(w.cards())
	out, err := w.ws.Submit(user, form, values)
	if err != nil || !out.Closed {
		w.t.Fatalf("sending the form: %+v, %v", out, err)
	}
	w.eventually("a card", func() bool { return len(w.cards()) > before })
	card, _ := w.ws.Message(fakeslack.MessageRef{Channel: incident, TS: w.cards()[before]})
	return card
}

// confirmOf is what the card's Approve asks once more.
func confirmOf(t *testing.T, card fakeslack.Message) string {
	t.Helper()
	for _, b := range fakeslack.Buttons(card) {
		if b.ActionID == "approve" && b.Confirm != nil {
			return b.Confirm.Text
		}
	}
	t.Fatalf("no Approve on:\n%s", plainText(card))
	return ""
}

// TestTheCardSaysWhatTheListsKnow: the label of each target and what it means
// for this request, on the card, in the confirm and to the requester, before
// anybody approves.
func TestTheCardSaysWhatTheListsKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	for _, tt := range []struct {
		who, typed    string
		card, confirm []string
		told          string // to the requester; empty: nothing but that it waits
		not           string // said in the confirm
	}{
		{ana, "deactivate 5 leaked", []string{"root@db01 · Server, Ubuntu 22.04 · id 5", "for everybody"}, []string{"from everybody", "leaked password still works"}, "", "rotat"},
		{ana, "deactivate 21 leaked", []string{"deploy@web02 · SSH Key", "listed as an SSH key", "1010"}, []string{"SSH key", "from everybody"}, "SSH key", "rotat"},
		{ana, "deactivate secret 43 leaked", []string{"mailer · id 43", "may not edit it", "1006", "until its owner shares it"}, []string{"senhasegura will refuse (1006)"}, "1006", "rotat"},
		{ana, "deactivate 999 leaked", []string{"999 · name not known: not in the list this bot can see"}, []string{"Not in the list this bot can see"}, "not in the list this bot can see", "rotat"},
		{ana, "release 94 job is done", []string{"oracle@erp01", "automatic change is on: releasing rotates its password"}, []string{"Automatic change is on: releasing rotates the password", "Only custody"}, "rotates its password", "may rotate"},
		{ana, "release 12 job is done", []string{"root@web01"}, []string{"Only custody"}, "", "rotat"},
		{ana, "release 998 job is done", []string{"not in the list this bot can see", "may rotate its password"}, []string{"releasing may rotate the password"}, "may rotate", "loses access"},
		{heitor, "desativar senha 312 vazou", []string{"CDN · sre · id 312", "may not edit it"}, []string{"1006"}, "vai recusar (1006)", "rotat"},
	} {
		before, told := len(w.cards()), w.types(tt.who, tt.typed)
		if contains(t, told, tt.told); tt.told == "" && strings.Contains(told, "To know before") {
			t.Errorf("%s: there is nothing to flag in\n%s", tt.typed, told)
		}
		w.eventually("a card for "+tt.typed, func() bool { return len(w.cards()) > before })
		card, _ := w.ws.Message(fakeslack.MessageRef{Channel: incident, TS: w.cards()[before]})
		confirm := confirmOf(t, card)
		contains(t, plainText(card), tt.card...)
		contains(t, confirm, tt.confirm...)
		if strings.Contains(confirm, tt.not) || strings.Contains(plainText(card)+confirm+told, "not exist") {
			t.Errorf("%s: too much is said in\n%s\n%s\n%s", tt.typed, plainText(card), confirm, told)
		}
	}
	// What was flagged is under the seal, and the approval of it holds.
	card := w.asks(ana, "activate secret 43 all clear")
	w.clicks(bruno, card, "approve")
	contains(t, plainText(w.becomes(card, "failed")), "1006")
}

// TestASlipThatSenhaseguraWouldTake: a name that the list does not hold is
// requested, since the list is not all there is, and the requester learns which
// names are like it before anybody approves.
func TestASlipThatSenhaseguraWouldTake(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		slip := w.shown(incident, ana, "deactivate 12,rot@db01 leaked in INC-42")
		contains(t, plainText(slip), "is requested", "“rot@db01” is not in the list this bot can see, but similar names are", "cancel R-", "root@db01 · Server, Ubuntu 22.04 · id 5")
		form := w.presses(ana, slip, "ask_deactivate", 0)
		contains(t, form.Text(), "Deactivate", "[5]", "leaked in INC-42")
		if strings.Contains(form.Text(), "[12") {
			t.Errorf("what is requested already would be requested again:\n%s", form.Text())
		}
		contains(t, w.types(heitor, "desativar rot@web01 vazou"), "não está na lista que este bot vê, mas há nomes parecidos", "root@web01")
		for _, line := range []string{"deactivate root@db02 leaked", "deactivate 999 leaked", "deactivate nobody@nowhere.example leaked"} {
			if told := w.requests(incident, ana, line); !strings.Contains(told, "is requested") || strings.Contains(told, "similar") {
				t.Errorf("%s: %s", line, told)
			}
		}
		if n := len(w.calls()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

// TestWhatTheListCouldNotTell: an id whose list could not be read is not said to
// be missing from it.
func TestWhatTheListCouldNotTell(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	w.appliance.Inject(senhaseguratest.Fault{Method: "GET", Path: "*/pam/credential", Kind: senhaseguratest.Unexpected})
	w.start()
	card := w.asks(ana, "release 94 job is done")
	contains(t, plainText(card), "94 · name not known: senhasegura's list could not be read", "may rotate its password")
	contains(t, confirmOf(t, card), "releasing may rotate the password", "list could not be read")
	if strings.Contains(plainText(card), "can see") {
		t.Errorf("nobody knows whether it is in the list:\n%s", plainText(card))
	}
	contains(t, w.types(ana, "activate root@db01 back"), "cannot read the list just now")
	w.types(ana, "")
	if found, err := w.ws.Options(ana, w.opened(ana, "request"), "lookup", "root"); err != nil || len(found) > 0 {
		t.Errorf("a list that was never read suggests %v, %v", found, err)
	}
}

// TestAListThatDoesNotTellOfRotation is not taken for one that says no.
func TestAListThatDoesNotTellOfRotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	w.appliance.Inject(senhaseguratest.Fault{Method: "GET", Path: "*/pam/credential", Kind: senhaseguratest.Status, Status: 200,
		Body: `{"response":{"error":false},"credentials":[{"id":"94","username":"oracle","hostname":"erp01"}]}`})
	w.start()
	card := w.asks(ana, "release 94 job is done")
	contains(t, plainText(card), "oracle@erp01 · id 94", "not known whether automatic change is on: releasing may rotate its password")
	contains(t, confirmOf(t, card), "releasing may rotate the password")
	w.clicks(bruno, card, "approve")
	w.becomes(card, "done")
}

// TestANameThatOnlyTheListCanAddress: the line with the id and a button that
// fills the form; two of one name as a choice; none with the nearest names.
func TestANameThatOnlyTheListCanAddress(t *testing.T) {
	transports(t, func(t *testing.T, socket bool) {
		w := newWorld(t, setup{socket: socket})
		answer := w.shown(incident, ana, "release root@web01 job <stopped> “halfway”")
		contains(t, plainText(answer), "takes only the id", "/pam release 12 job <stopped>", "root@web01 · Server, Ubuntu 24.04 · id 12", "Form with id 12")
		form := w.presses(ana, answer, "ask_release", 0)
		contains(t, form.Text(), "Release custody", "[12]", `job <stopped> "halfway"`)
		contains(t, plainText(w.sends(ana, form, nil)), "release custody of the credential", "root@web01 · Server", `job <stopped> "halfway"`)

		answer = w.shown(incident, ana, "deactivate admin@app.prod.example leaked")
		contains(t, plainText(answer), "more than one", "/pam deactivate 110 leaked", "/pam deactivate 111 leaked", "· id 110", "Domain User", "· id 111")
		form = w.presses(ana, answer, "ask_deactivate", 1)
		contains(t, form.Text(), "[111]", "[leaked]")
		contains(t, plainText(w.sends(ana, form, nil)), "admin@app.prod.example · Domain User", "id 111")

		answer = w.shown(incident, ana, "activate rot@db01 all clear")
		contains(t, plainText(answer), "the list this bot can see does not hold that name", "Similar names", "root@db01 · Server", "/pam find rot@db01")
		form = w.presses(ana, answer, "ask_activate", 0)
		contains(t, plainText(w.sends(ana, form, fakeslack.Values{"reason": "all clear again"})), "activate the credential", "root@db01", "all clear again")

		contains(t, w.types(ana, "deactivate svc@corp.example@ad01 leaked"), "/pam deactivate 101 leaked", "Form with id 101")
	})
}

// TestANameThatOnlyTheListCanAddressInPortuguese is the same for who reads that.
func TestANameThatOnlyTheListCanAddressInPortuguese(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{policy: "language: pt-BR\n" + standardPolicy})
	answer := w.shown(incident, heitor, "liberar oracle@erp01 job parou no meio")
	contains(t, plainText(answer), "só aceita o id", "/pam release 94 job parou no meio", "Ou abra o formulário", "Formulário com o id 94")
	form := w.presses(heitor, answer, "ask_release", 0)
	contains(t, form.Text(), "Novo pedido", "Ou busque na lista do senhasegura", "[94]", "job parou no meio")
	card := w.sends(heitor, form, nil)
	contains(t, plainText(card), "Aguardando", "a troca automática está ligada: liberar troca a senha")
	contains(t, confirmOf(t, card), "liberar troca a senha, e quem a usa perde o acesso", "Só custódia")
	contains(t, w.types(heitor, "buscar deploy"), "Desativar…", "Liberar custódia…", "Uma chave SSH")
}

// TestFindOffersWhatCanBeDone: a button for each thing that can be done, which
// opens the form; none where senhasegura would refuse, and why.
func TestFindOffersWhatCanBeDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{stays: true})
	w.holds(60, strings.Repeat("very-long-host-name-", 8))
	w.start()
	answer := w.shown(incident, dora, "find web0")
	contains(t, plainText(answer), "root@web01", "deploy@web01", "deploy@web02 · SSH Key", "An SSH key", "1010")
	var actions []string
	for _, b := range fakeslack.Buttons(answer) {
		actions = append(actions, strings.TrimPrefix(b.ActionID, "ask_"))
	}
	if got := strings.Join(actions, " "); got != "deactivate activate release deactivate activate release" { // the key has none
		t.Errorf("the buttons are %s", got)
	}
	form := w.presses(dora, answer, "ask_release", 1)
	contains(t, form.Text(), "Release custody", "[18]")
	contains(t, plainText(w.sends(dora, form, fakeslack.Values{"reason": "job is done"})), "release custody", "deploy@web01")

	answer = w.shown(incident, dora, "find billing-api")
	form = w.presses(dora, answer, "ask_deactivate", 1)
	contains(t, form.Text(), "API secret", "[42]")
	if n := len(fakeslack.Buttons(w.shown(incident, dora, "find mailer"))); n != 0 {
		t.Errorf("%d buttons on what may not be edited", n)
	}
	contains(t, w.types(dora, "find mailer"), "may not edit it", "1006")
	near := w.shown(incident, dora, "find rot@db02")
	contains(t, plainText(near), "Nothing in the list this bot can see", "may still exist", "Similar names")
	contains(t, w.presses(dora, near, "ask_deactivate", 0).Text(), "[6]")

	many := w.shown(incident, dora, "find very-long-host")
	contains(t, plainText(many), "There are more")
	if n := len(fakeslack.Buttons(many)); n != 60 {
		t.Errorf("%d buttons, want three on each of 20", n)
	}
}

// holds gives the appliance more credentials, before the process reads the list,
// on hosts that begin alike.
func (w *world) holds(n int, host string) {
	items := w.appliance.Items()
	for id := range n {
		items.Credentials = append(items.Credentials, senhaseguratest.Credential{
			ID: 1000 + id, Username: "app", Hostname: host + strconv.Itoa(id), Type: "Local User"})
	}
	w.appliance.SetItems(items)
}
