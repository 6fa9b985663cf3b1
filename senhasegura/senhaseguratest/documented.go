package senhaseguratest

import (
	"fmt"
	"net/http"
	"slices"
)

// Answer is one answer as the vendor's documents print it.
type Answer struct {
	Name   string `json:"name"`   // such as "pam.1018"
	Module string `json:"module"` // PAMCore, MySafe, or "" for gateway and server
	Status int    `json:"status"` // HTTP
	Body   string `json:"body"`
	Source string `json:"source"` // manual and page; "inferred" where the status or more of it is

	reply reply
}

// Where the documents print what.
const (
	page332Credential = `3.32, "Deactivate or activate a credential"`
	page332Release    = `3.32, "Release credential custody"`
	page332Password   = `3.32, "Deactivate or activate a password"`
	page332Secret     = `3.32, "Deactivate or activate an API secret"`
	page333Enable     = `3.33, "PUT | Enable credential"`
	page333Disable    = `3.33, "DEL | Disable credential"`
	page333Passwords  = `3.33, "POST | Enable password" and siblings`
	pages333Lists     = `3.33, the pages of the lists`
	page333Create     = `3.33, "POST | Create credential"`
	page333Device     = `3.33, "POST | Update device"`
	page4Device       = `4.x, "PUT | Enable device"`
	page333Key        = `3.33, "DEL | Disable SSH key"`
	page332Info       = `3.32, "Disable protected information"`
	page332InfoCreate = `3.32, "Create protected information"`
	page333Unknown    = `3.33; the page was not noted, and the wording is not certain`
	pages333MySafe    = `3.33, MySafe pages`
	pages333Errors    = `3.33, error sections`
)

// Documented returns every answer the documents print: successes, the "already" forms, lists, refusals of both
// modules, and the texts of gateway and server. A Fault of kind DocumentedAnswer gives one of them by name.
func Documented() []Answer {
	a := New(Config{})
	answers := slices.Concat(a.successes(), a.lists(), a.pamRefusals(), a.mySafeRefusals(), a.gatewayTexts())
	for i := range answers {
		answers[i].Status, answers[i].Body = answers[i].reply.status, string(answers[i].reply.encode())
	}
	return answers
}

func documentedAnswer(name string) (Answer, bool) {
	all := Documented()
	i := slices.IndexFunc(all, func(known Answer) bool { return known.Name == name })
	if i < 0 {
		return Answer{}, false
	}
	return all[i], true
}

func (a *Appliance) successes() []Answer {
	said := func(name, module, message, source string, changes ...func(body, response map[string]any)) Answer {
		r := a.ok(message, false)
		for _, change := range changes {
			r = r.edit(change)
		}
		return Answer{Name: name, Module: module, Source: source, reply: r}
	}
	return []Answer{
		said("pam.deactivated", PAMCore, "Credential successfully deactivated", page332Credential),
		said("pam.activated", PAMCore, "Credential successfully activated", page332Credential),
		said("pam.enabled", PAMCore, "Credential successfully activated", page333Enable, withMessage),
		said("pam.released", PAMCore, "Credential custody 94 released", page332Release),
		said("mysafe.password_deactivated", MySafe, "Password successfully deactivated", page332Password, withoutCode, without("detail")),
		said("mysafe.password_activated", MySafe, "Password successfully activated", page332Password),
		said("mysafe.secret_deactivated", MySafe, "API secret successfully deactivated", page332Secret, withoutCode),
		said("mysafe.secret_activated", MySafe, "Api secret activated successfully", page332Secret),
		said("mysafe.password_already_activated", MySafe, "Password has already been activated", page333Passwords),
		said("mysafe.password_already_deactivated", MySafe, "Password has already been deactivated", page333Passwords),
		said("mysafe.secret_already_activated", MySafe, "Api secret has already been activated", page333Passwords),
		said("mysafe.secret_already_deactivated", MySafe, "Api secret has already been deactivated", page333Passwords),
	}
}

// lists holds one entry each, so that every key is there.
func (a *Appliance) lists() []Answer {
	one := New(Config{Data: Data{
		Credentials: []Credential{{ID: 94, Username: "oracle", Hostname: "erp01", ManagementIP: "10.0.2.4", Type: "Local User",
			Model: "Oracle Linux 9", DeviceType: "Server", Vendor: "Oracle", AutomaticChange: true}},
		Passwords: []Password{{ID: 312, Name: "CDN", URL: "https://cdn.example", Username: "sre"}},
		Secrets:   []Secret{{ID: 43, Name: "mailer"}},
	}})
	return []Answer{
		{Name: "pam.list", Module: PAMCore, Source: pages333Lists, reply: one.listCredentials()},
		{Name: "mysafe.password_list", Module: MySafe, Source: pages333Lists, reply: one.listPasswords()},
		{Name: "mysafe.secret_list", Module: MySafe, Source: pages333Lists, reply: one.listSecrets()},
	}
}

func (a *Appliance) pamRefusals() []Answer {
	refused := func(code int, text, source string) Answer {
		return Answer{Name: fmt.Sprint("pam.", code), Module: PAMCore, Source: source, reply: a.fail(http.StatusBadRequest, code, text)}
	}
	return []Answer{
		refused(1004, "The device's hostname was not informed", page333Create),
		refused(1005, "The device's IP was not informed", page333Create),
		refused(1007, "Credential not found", page332Credential),
		refused(1008, "Credential inactive", page333Disable),
		refused(1009, "No access to credential", page333Enable),
		refused(1010, "The item is not a credential", page333Enable),
		refused(1011, "Device not found", page333Create),
		refused(1015, "SSH key not found", page333Key),
		{Name: "pam.1017", Module: PAMCore, Source: page333Key, reply: keyInactive(a.fail(http.StatusBadRequest, 1017, "Key inactive"))},
		refused(1018, "The credential is not in the user custody", page332Release),
		refused(1019, "The device's site was not informed", page333Device),
		refused(1020, "The device's model was not informed", page333Device),
		refused(1021, "The device's vendor was not informed", page333Device),
		refused(1022, "The device's type was not informed", page333Device),
		refused(1023, "Information not found", page332Info),
		refused(1024, "Inactive information", page332Info),
		refused(1026, "The information content was not informed", page332InfoCreate),
		refused(1029, "It is not possible to enter a domain that has not been previously registered", page333Create),
		refused(1039, "Without PAM Configuration Access permission", page333Enable),
		refused(1042, "Invalid username", page333Create),
		refused(1043, "Credential is already activated!", page333Enable),
		refused(1044, "Device is already activated", page4Device),
		refused(1045, "Ssh key is already activated", page333Key),
		refused(1046, "Plugin not informed", page333Create),
		refused(1047, "Template plugin not informed", page333Create),
		refused(1049, "No such certificate", page333Unknown),
	}
}

// keyInactive is printed "1017:Key inactive", without the space.
func keyInactive(r reply) reply {
	withoutSpace(&r)
	return r
}

func (a *Appliance) mySafeRefusals() []Answer {
	refused := func(name string, code int, text, source string) Answer {
		return Answer{Name: "mysafe." + name, Module: MySafe, Source: source, reply: a.fail(http.StatusBadRequest, code, text)}
	}
	zero := refused("1005.password_deactivate", 1005, "Password not found", page332Password)
	zero.reply = zero.reply.edit(withZeroCodes)
	return []Answer{
		refused("1001", 1001, "Parameter was not informed", pages333MySafe),
		refused("1005.password", 1005, "Password not found", page332Password),
		zero,
		refused("1005.secret", 1005, "Api secret not found", page332Secret),
		refused("1006", 1006, "User does not have access", page332Password),
		refused("1009.password", 1009, "Inactive password", pages333MySafe),
		refused("1009.secret", 1009, "Inactive api secret", pages333MySafe),
		refused("1010", 1010, "Unexpected identifier type", page333Passwords),
	}
}

// gatewayTexts: the server answers in its envelope, its OAuth library and the gateway before it in theirs.
func (a *Appliance) gatewayTexts() []Answer {
	server := func(name string, status int, text, source string) Answer {
		return Answer{Name: "gateway." + name, Source: source, reply: a.fail(status, 0, text)}
	}
	gateway := func(name string, status int, text, source string) Answer {
		return Answer{Name: "gateway." + name, Source: source, reply: gatewayReply(status, text)}
	}
	return []Answer{
		server("resource_not_found", http.StatusNotFound, "Resource sub not found", page333Enable),
		server("unexpected_error", http.StatusInternalServerError, "Unexpected error.", page333Enable),
		server("not_authorized", http.StatusInternalServerError, "You are not authorized to access this resource.", page333Enable),
		{Name: "gateway.client_authentication", Source: pages333Errors + "; status and form inferred", reply: failedAuthentication()},
		gateway("invalid_signature", http.StatusUnauthorized, "Invalid signature", page333Enable+"; status and form inferred"),
		gateway("no_route", http.StatusNotFound, "No route matched with those values", pages333Errors+"; status and form inferred"),
		gateway("timed_out", http.StatusRequestTimeout, "Request timed out.", page333Enable+"; status and form inferred"),
		gateway("invalid_upstream", http.StatusBadGateway, "An invalid response was received from the upstream server", pages333Errors+"; status and form inferred"),
		gateway("upstream_timeout", http.StatusGatewayTimeout, "The upstream server is timing out", pages333Errors+"; status and form inferred"),
		gateway("rate_limited", http.StatusTooManyRequests, "API rate limit exceeded", "documented for v2 only; the body is inferred"),
	}
}
