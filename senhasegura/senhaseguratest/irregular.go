package senhaseguratest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Irregularity is one way in which the answers that the manuals print, or that public clients expect,
// differ from each other. A Fault of kind IrregularAnswer applies one; Config.Irregular most of them at once.
type Irregularity struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Source string `json:"source"`

	edit func(*reply)
}

// Irregularities returns all of them.
func Irregularities() []Irregularity {
	const password = `3.32, "Deactivate or activate a password"`
	return []Irregularity{
		{"no_code", "the code at the top is missing", password, response(withoutCode)},
		{"no_error_code", "response has no error_code", "the manuals, the page was not noted", response(withoutErrorCode)},
		{"zero_error_code", "error_code and cod_erro are 0, whatever error says", password, response(withZeroCodes)},
		{"capital_message", "Message stands for mensagem", `3.33, "PUT | Enable credential"`, response(withMessage)},
		{"portuguese", "mensagem, erro and cod_erro without their English twins", "inferred", response(without("message", "error", "error_code"))},
		{"english", "message, error and error_code without their Portuguese twins", "inferred", response(without("mensagem", "erro", "cod_erro"))},
		{"null_detail", "response.detail and exception.detail are null", `3.32, "Release credential custody" (exception)`, withDetail(nil)},
		{"empty_detail", `response.detail and exception.detail are ""`, password, withDetail("")},
		{"no_space", `the message begins "1017:Key", not "1017: Key"`, `3.33, PAM Core pages of neighbouring calls`, withoutSpace},
		{"no_exception", "exception is missing: the number is only in the message", "inferred", func(r *reply) { delete(r.body, "exception") }},
		{"flags_as_text", `error and erro are "0" or "1"`, `as the lists print automatic_change`, response(withFlagsAsText)},
		{"numbers_as_text", "code, status, error_code and exception.code are strings", "inferred", withNumbersAsText},
		{"error_in_200", "a refusal comes with HTTP 200", "public client external-secrets checks for it", withHTTP200},
		{"tenant", "tenant stands beside code", "the manuals, the page was not noted", response(withTenant)},
		{"other_wording", "success is told in other words", "the wording varies by version", inOtherWords},
		{"ids_as_text", "ids in lists are strings", `3.33, "GET | List all credentials"`, listedIDs(func(id string) any { return id })},
		{"ids_as_numbers", "ids in lists are numbers", "the manuals, the page was not noted", listedIDs(func(id string) any { n, _ := strconv.Atoi(id); return n })},
		{"plural_key", "the list of passwords is called passwords_on_list", "the manuals, the page was not noted", withPluralKey},
	}
}

func irregularity(name string) (Irregularity, bool) {
	all := Irregularities()
	i := slices.IndexFunc(all, func(known Irregularity) bool { return known.Name == name })
	if i < 0 {
		return Irregularity{}, false
	}
	return all[i], true
}

// response adapts a change of the envelope; other answers stay as they are.
func response(change func(body, response map[string]any)) func(*reply) {
	return func(r *reply) {
		if inner, ok := r.body["response"].(map[string]any); ok {
			change(r.body, inner)
		}
	}
}

func without(keys ...string) func(body, response map[string]any) {
	return func(_, response map[string]any) {
		for _, k := range keys {
			delete(response, k)
		}
	}
}

func withDetail(detail any) func(*reply) {
	return func(r *reply) {
		for _, key := range []string{"response", "exception"} {
			if inner, ok := r.body[key].(map[string]any); ok {
				inner["detail"] = detail
			}
		}
	}
}

func withoutSpace(r *reply) {
	for _, key := range []string{"response", "exception"} {
		inner, _ := r.body[key].(map[string]any)
		for name, value := range inner {
			if text, ok := value.(string); ok {
				inner[name] = strings.Replace(text, ": ", ":", 1)
			}
		}
	}
}

func withNumbersAsText(r *reply) {
	for _, object := range []any{r.body, r.body["response"], r.body["exception"]} {
		inner, _ := object.(map[string]any)
		for name, value := range inner {
			if n, ok := value.(int); ok {
				inner[name] = strconv.Itoa(n)
			}
		}
	}
}

func withHTTP200(r *reply) {
	if _, refused := r.body["exception"]; refused {
		r.status = http.StatusOK
	}
}

func inOtherWords(r *reply) {
	inner, _ := r.body["response"].(map[string]any)
	if failed, _ := inner["error"].(bool); inner != nil && !failed {
		inner["message"], inner["mensagem"] = "Operation completed", "Operação concluída"
	}
}

func listedIDs(form func(id string) any) func(*reply) {
	return func(r *reply) {
		for _, value := range r.body {
			list, _ := value.([]any)
			for _, entry := range list {
				relabel(entry.(map[string]any), form)
			}
		}
	}
}

// relabel changes id (PAM Core) or identifier (MySafe) of one entry: identifier of PAM Core is a text.
func relabel(entry map[string]any, form func(id string) any) {
	key := "identifier"
	if _, pam := entry["id"]; pam {
		key = "id"
	}
	switch id := entry[key].(type) {
	case string:
		entry[key] = form(id)
	case int:
		entry[key] = form(strconv.Itoa(id))
	}
}

func withPluralKey(r *reply) {
	if list, ok := r.body["password_on_list"]; ok {
		delete(r.body, "password_on_list")
		r.body["passwords_on_list"] = list
	}
}

// set gives keys of the body other values, or takes them away: "response.error" is error in response.
// What is not there is made. An object among the values is the fault's, which many requests share: it is copied
// before anything in it is set.
func (r *reply) set(values map[string]any) {
	for _, path := range slices.Sorted(maps.Keys(values)) { // an object before what is in it
		value, keys := values[path], strings.Split(path, ".")
		object, last := r.body, len(keys)-1
		for _, key := range keys[:last] {
			inner, _ := object[key].(map[string]any)
			if inner = maps.Clone(inner); inner == nil {
				inner = map[string]any{}
			}
			object[key] = inner
			object = inner
		}
		if object[keys[last]] = value; value == nil {
			delete(object, keys[last])
		}
	}
}
