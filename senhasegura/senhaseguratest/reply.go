package senhaseguratest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// reply is an answer before it is written.
type reply struct {
	status int
	class  string // for the journal: envelope, list, item, token, oauth, gateway
	body   map[string]any
	acted  bool // state was changed
}

func (r reply) encode() []byte {
	body, err := json.MarshalIndent(r.body, "", "    ")
	if err != nil {
		panic(err) // only strings, numbers, bools and maps go in
	}
	return body
}

func (r reply) write(w http.ResponseWriter) {
	body := r.encode()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(r.status)
	w.Write(body)
}

// ok is the documented success.
func (a *Appliance) ok(message string, changed bool) reply {
	r := a.envelope(http.StatusOK, message, false)
	r.acted = changed
	return r
}

// fail is the documented failure; code 0 is one without an exception.
func (a *Appliance) fail(status, code int, message string) reply {
	if code != 0 {
		separator := ": "
		if a.config.Irregular {
			separator = ":" // as "1017:Key inactive"
		}
		message = fmt.Sprint(code, separator, message)
	}
	r := a.envelope(status, message, true)
	if code != 0 {
		r.body["exception"] = map[string]any{"code": code, "message": message, "detail": nil}
	}
	if a.config.Irregular && code != 0 {
		r.status = http.StatusOK // an error inside HTTP 200
	}
	return r
}

func (a *Appliance) envelope(status int, message string, failed bool) reply {
	number := 0
	if failed {
		number = 1
	}
	response := map[string]any{
		"status": status, "message": message, "error": failed, "error_code": number, "detail": "",
		"mensagem": message, "erro": failed, "cod_erro": number,
	}
	body := map[string]any{"code": status, "response": response}
	if a.config.Irregular {
		irregular(body, response)
	}
	return reply{status: status, class: "envelope", body: body}
}

// irregular gathers what single pages of the manuals do: no code, no error_code, booleans as "0" and "1",
// an extra tenant.
func irregular(body, response map[string]any) {
	for _, change := range []func(body, response map[string]any){withoutCode, withTenant, withoutErrorCode, withFlagsAsText} {
		change(body, response)
	}
}

func withTenant(body, _ map[string]any) { body["tenant"] = "default" }

func withoutErrorCode(_, response map[string]any) { delete(response, "error_code") }

func withFlagsAsText(_, response map[string]any) {
	for _, key := range []string{"error", "erro"} {
		if failed, ok := response[key].(bool); ok {
			response[key] = map[bool]string{false: "0", true: "1"}[failed]
		}
	}
}

// edit changes the envelope's response and returns the reply, for pages that print it differently.
func (r reply) edit(change func(body, response map[string]any)) reply {
	response, _ := r.body["response"].(map[string]any)
	change(r.body, response)
	return r
}

// withoutCode is how 3.32 prints the successes of "Deactivate a password" and "Deactivate an API secret".
func withoutCode(body, _ map[string]any) { delete(body, "code") }

// withMessage is how 3.33 prints "PUT | Enable credential": Message for mensagem.
func withMessage(_, response map[string]any) {
	response["Message"] = response["mensagem"]
	delete(response, "mensagem")
}

// withZeroCodes is how 3.32 prints 1005 of "Deactivate a password": error_code 0 beside error true.
func withZeroCodes(body, response map[string]any) {
	delete(body, "code")
	response["error_code"], response["cod_erro"] = 0, 0
	delete(response, "detail")
	if exception, ok := body["exception"].(map[string]any); ok {
		exception["detail"] = ""
	}
}

func splitName(ref string) (user, host string, ok bool) {
	if strings.Count(ref, "@") != 1 { // two of them "won't function as expected" (3.32)
		return "", "", false
	}
	return strings.Cut(ref, "@")
}
