package senhasegura

import "fmt"

// Pages of the vendor's manuals, as sources of the catalogue.
const (
	pageDisable   = `3.33, "DEL | Disable credential"`
	pageEnable    = `3.33, "PUT | Enable credential"`
	pageRelease   = `3.33, "DEL | Release credential custody"`
	pagesPassword = `3.33, "POST | Enable password" and siblings`
	pagesMySafe   = `3.33, MySafe pages`
	pagesFamily   = `3.33, PAM Core pages of neighbouring calls`
	pagesErrors   = `3.33, error sections of the pages of PAM Core and MySafe`
)

// pamCodes: all of them come with HTTP 400, before anything is done.
func pamCodes() []Code {
	return numbered(PAMCore, "pam", []Code{
		{Number: 1004, Text: "Device hostname missing", Source: pagesFamily},
		{Number: 1005, Text: "Device IP missing", Source: pagesFamily},
		{Number: 1007, Text: "Credential not found", Source: pageDisable},
		{Number: 1008, Text: "Credential inactive", Source: pageDisable + "; on release " + pageRelease},
		{Number: 1009, Text: "No access to credential", Source: pageEnable},
		{Number: 1010, Text: "The item is not a credential", Source: pageEnable},
		{Number: 1011, Text: "Device not found", Source: pagesFamily},
		{Number: 1015, Text: "SSH key not found", Source: pagesFamily},
		{Number: 1017, Text: "Key inactive", Source: pagesFamily},
		{Number: 1018, Text: "The credential is not in the user custody", Source: `3.32, "Release credential custody"`},
		{Number: 1019, Text: "Device site missing", Source: pagesFamily},
		{Number: 1020, Text: "Device model missing", Source: pagesFamily},
		{Number: 1021, Text: "Device vendor missing", Source: pagesFamily},
		{Number: 1022, Text: "Device type missing", Source: pagesFamily},
		{Number: 1023, Text: "Information not found", Source: pagesFamily},
		{Number: 1024, Text: "Information inactive", Source: pagesFamily},
		{Number: 1026, Text: "Information content missing", Source: pagesFamily},
		{Number: 1029, Text: "Domain not registered", Source: pagesFamily},
		{Number: 1039, Text: "Without PAM Configuration Access permission", Source: pageEnable},
		{Number: 1042, Text: "Invalid user name", Source: pagesFamily},
		{Number: 1043, Text: "Credential is already activated!", Source: pageEnable},
		{Number: 1044, Text: "Device already active", Source: pagesFamily},
		{Number: 1045, Text: "SSH key already active", Source: pagesFamily},
		{Number: 1046, Text: "Plugin missing", Source: pagesFamily},
		{Number: 1047, Text: "Template missing", Source: pagesFamily},
		{Number: 1049, Text: "No such certificate", Source: pagesFamily},
	})
}

func mySafeCodes() []Code {
	return numbered(MySafe, "mysafe", []Code{
		{Number: 1001, Text: "Parameter was not informed", Source: pagesMySafe},
		{Number: 1005, Text: "Password not found / Api secret not found", Source: `3.32, "Deactivate or activate a password", "… an API secret"`},
		{Number: 1006, Text: "User does not have access", Source: `3.32, "Deactivate or activate a password", "… an API secret"`},
		{Number: 1009, Text: "Inactive password / Inactive api secret", Source: pagesMySafe},
		{Number: 1010, Text: "Unexpected identifier type", Source: pagesPassword},
	})
}

func numbered(m Module, prefix string, codes []Code) []Code {
	for i := range codes {
		codes[i].Module, codes[i].Kind = m, KindRefused
		codes[i].Key = fmt.Sprintf("%s.%d", prefix, codes[i].Number)
	}
	return codes
}

// gatewayTexts: what the server, its OAuth library or the gateway before it answer without a number.
// The statuses of most are inferred, so only the text is matched, never text and status together.
func gatewayTexts() []Code {
	return []Code{
		{Key: "gateway.resource_not_found", Text: "Resource sub not found", Kind: KindRefused, Source: pageEnable},
		{Key: "gateway.unexpected_error", Text: "Unexpected error", Kind: KindLost, MayHaveChanged: true, RetryHelps: true, Source: pageEnable},
		{Key: keyNotAuthorized, Text: "You are not authorized to access this resource", Kind: KindRefused, Source: pageEnable + ", under HTTP 500"},
		{Key: "gateway.client_authentication", Text: "Client authentication failed", Kind: KindAuth, Source: pagesErrors + "; HTTP 401 inferred"},
		{Key: "gateway.invalid_signature", Text: "Invalid signature", Kind: KindAuth, Source: pagesErrors + "; that OAuth 1.0 is meant is inferred"},
		{Key: keyNoRoute, Text: "No route matched with those values", Kind: KindAuth, Source: pagesErrors + "; HTTP 404 inferred"},
		{Key: "gateway.timed_out", Text: "Request timed out", Kind: KindLost, MayHaveChanged: true, RetryHelps: true, Source: pagesErrors},
		{Key: "gateway.invalid_upstream", Text: "An invalid response was received from the upstream server", Kind: KindLost, MayHaveChanged: true, RetryHelps: true, Source: pagesErrors + "; HTTP 502 inferred"},
		{Key: "gateway.upstream_timeout", Text: "The upstream server is timing out", Kind: KindLost, MayHaveChanged: true, RetryHelps: true, Source: pagesErrors + "; HTTP 504 inferred"},
	}
}
