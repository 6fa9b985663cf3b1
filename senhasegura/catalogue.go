package senhasegura

import (
	"fmt"
	"net/http"
)

// Pages of the vendor's manuals, as sources of the catalogue.
var (
	pageDisable = pam("3.33", "DEL | Disable credential")
	pageEnable  = pam("3.33", "PUT | Enable credential")
	pageRelease = pam("3.33", "DEL | Release credential custody")
	// Calls of PAM Core that this package does not make.
	pageCreate     = pam("3.33", "POST | Create credential")
	pageDevice     = pam("3.33", "POST | Update device")
	pageDeviceOn   = pam("4.x", "PUT | Enable device")
	pageKey        = pam("3.33", "DEL | Disable SSH key")
	pageInfo       = pam("3.32", "Disable protected information")
	pageInfoCreate = pam("3.32", "Create protected information")

	pageTogglePassword = mySafe("3.32", "Deactivate or activate a password")
	pageEnablePassword = mySafe("3.33", "POST | Enable password")
	// Calls of MySafe that this package does not make.
	pageReadSecret   = mySafe("3.33", "GET | List an API secret by [identifier]")
	pageCreateSecret = mySafe("3.33", "POST | Create API secret")
)

func pam(version, page string) Source {
	return Source{Manual: "PAM Core APIs", Version: version, Page: page}
}

func mySafe(version, page string) Source {
	return Source{Manual: "MySafe APIs", Version: version, Page: page}
}

func (s Source) and(note string) Source {
	s.Note = note
	return s
}

// What the pages of this package's own writes list.
var (
	onCredential = []string{OpActivateCredential, OpDeactivateCredential, OpReleaseCustody}
	onSwitch     = onCredential[:2]
	onMySafe     = []string{OpActivatePassword, OpDeactivatePassword, OpActivateSecret, OpDeactivateSecret}
)

// pamCodes: all of them come with HTTP 400, before anything is done.
func pamCodes() []Code {
	return numbered(PAMCore, "pam", []Code{
		{Number: 1004, Text: "The device's hostname was not informed", Source: pageCreate},
		{Number: 1005, Text: "The device's IP was not informed", Source: pageCreate},
		{Number: 1007, Text: "Credential not found", Ops: onCredential, Source: pageDisable},
		{Number: 1008, Text: "Credential inactive", Ops: onCredential[1:], Source: pageDisable.and("on release “" + pageRelease.Page + "”")},
		{Number: 1009, Text: "No access to credential", Ops: onCredential, Source: pageEnable},
		{Number: 1010, Text: "The item is not a credential", Ops: onSwitch, Source: pageEnable},
		{Number: 1011, Text: "Device not found", Source: pageCreate},
		{Number: 1015, Text: "SSH key not found", Source: pageKey},
		{Number: 1017, Text: "Key inactive", Source: pageKey},
		{Number: 1018, Text: "The credential is not in the user custody", Ops: []string{OpReleaseCustody},
			Source: pageRelease.and("that custody taken in the web interface stays is inferred")},
		{Number: 1019, Text: "The device's site was not informed", Source: pageDevice},
		{Number: 1020, Text: "The device's model was not informed", Source: pageDevice},
		{Number: 1021, Text: "The device's vendor was not informed", Source: pageDevice},
		{Number: 1022, Text: "The device's type was not informed", Source: pageDevice},
		{Number: 1023, Text: "Information not found", Source: pageInfo},
		{Number: 1024, Text: "Inactive information", Source: pageInfo},
		{Number: 1026, Text: "The information content was not informed", Source: pageInfoCreate},
		{Number: 1029, Text: "It is not possible to enter a domain that has not been previously registered", Source: pageCreate},
		{Number: 1039, Text: "Without PAM Configuration Access permission", Ops: onCredential,
			Source: pageEnable.and("the setting's name is of 4.x, “How to manage authorizations in A2A”")},
		{Number: 1042, Text: "Invalid username", Source: pageCreate},
		{Number: 1043, Text: "Credential is already activated!", Ops: onCredential[:1], Source: pageEnable},
		{Number: 1044, Text: "Device is already activated", Source: pageDeviceOn},
		{Number: 1045, Text: "Ssh key is already activated", Source: pageKey},
		{Number: 1046, Text: "Plugin not informed", Source: pageCreate},
		{Number: 1047, Text: "Template plugin not informed", Source: pageCreate},
		{Number: 1049, Text: "No such certificate", Source: pam("3.33", "").and("the wording is not certain")},
	})
}

// mySafeCodes: HTTP 400 as well. Those without Ops are listed for reading and creating items only.
func mySafeCodes() []Code {
	return numbered(MySafe, "mysafe", []Code{
		{Number: 1001, Text: "Parameter was not informed", Source: pageCreateSecret.and("the text names the parameter")},
		{Number: 1005, Text: "Password not found / Api secret not found", Ops: onMySafe,
			Source: pageTogglePassword.and("“Deactivate or activate an API secret” too")},
		{Number: 1006, Text: "User does not have access", Ops: onMySafe,
			Source: pageTogglePassword.and("“Deactivate or activate an API secret” too; that permission to edit is needed: 3.33, “POST | Enable password”")},
		{Number: 1009, Text: "Inactive password / Inactive api secret", Source: pageReadSecret},
		{Number: 1010, Text: "Unexpected identifier type", Source: pageReadSecret},
	})
}

func numbered(m Module, prefix string, codes []Code) []Code {
	for i := range codes {
		codes[i].Module, codes[i].Kind, codes[i].Status = m, KindRefused, http.StatusBadRequest
		codes[i].Key = fmt.Sprintf("%s.%d", prefix, codes[i].Number)
	}
	return codes
}

// gatewayTexts: what the server, its OAuth library or the gateway before it answer without a number.
// The statuses of most are inferred, so only the text is matched, never text and status together.
func gatewayTexts() []Code {
	return []Code{
		{Key: "gateway.resource_not_found", Status: 404, Text: "Resource sub not found", Kind: KindRefused, Source: pageEnable},
		{Key: "gateway.unexpected_error", Status: 500, Text: "Unexpected error", Kind: KindLost, MayHaveChanged: true, RetryHelps: true, Source: pageEnable},
		{Key: keyNotAuthorized, Status: 500, Text: "You are not authorized to access this resource", Kind: KindRefused,
			Source: pageEnable.and("there under HTTP 500; for MySafe 3.33, “POST | Disable password”")},
		{Key: "gateway.client_authentication", Status: 401, Text: "Client authentication failed", Kind: KindAuth, Source: pageEnable.and("HTTP 401 is inferred")},
		{Key: "gateway.invalid_signature", Text: "Invalid signature", Kind: KindAuth, Source: pageEnable.and("that OAuth 1.0 is meant is inferred")},
		{Key: keyNoRoute, Status: 404, Text: "No route matched with those values", Kind: KindAuth,
			Source: pageEnable.and("HTTP 404 is inferred; that the address may be wrong: MySafe APIs 3.33, “POST | Enable password”")},
		{Key: "gateway.timed_out", Text: "Request timed out", Kind: KindLost, MayHaveChanged: true, RetryHelps: true, Source: pageEnable},
		{Key: "gateway.invalid_upstream", Status: 502, Text: "An invalid response was received from the upstream server", Kind: KindLost,
			MayHaveChanged: true, RetryHelps: true, Source: pageEnablePassword.and("HTTP 502 is inferred")},
		{Key: "gateway.upstream_timeout", Status: 504, Text: "The upstream server is timing out", Kind: KindLost,
			MayHaveChanged: true, RetryHelps: true, Source: pageEnablePassword.and("HTTP 504 is inferred")},
	}
}
