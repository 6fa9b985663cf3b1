package commands

import "senhasegura-bot/approvals"

// Who is who can do something about a failure.
type Who string

// The people of the bot, and those who look after an item or a key in
// senhasegura.
const (
	WhoRequester     Who = "requester"
	WhoApprover      Who = "approver"
	WhoAdministrator Who = "administrator" // of senhasegura
	WhoOperator      Who = "operator"      // runs the bot
	WhoOwner         Who = "owner"         // of the item in MySafe
	WhoHolder        Who = "holder"        // took custody of the credential
	WhoKeyKeeper     Who = "key_keeper"    // looks after the bot's access key of MySafe
)

// People are all of them.
func People() []Who {
	return []Who{WhoRequester, WhoApprover, WhoAdministrator, WhoOperator, WhoOwner, WhoHolder, WhoKeyKeeper}
}

// whoCan is who can do something about it, the first of them first.
func whoCan(name string, o Operation) []Who {
	switch {
	case name == explainAlready, name == "pam.1043" && o.Verb == approvals.Activate, name == "pam.1008" && o.Verb == approvals.Deactivate:
		return nil
	case name == "pam.1008" && o.Verb == approvals.Release:
		return []Who{WhoRequester}
	}
	if who, ok := keyDoers()[name]; ok && o.Kind != approvals.Credential {
		return who
	}
	if who, ok := doers()[name]; ok {
		return who
	}
	return []Who{WhoAdministrator}
}

// doers are the exceptions from "a PAM administrator".
func doers() map[string][]Who {
	return map[string][]Who{
		"pam.1007": {WhoRequester, WhoAdministrator},
		"pam.1010": {WhoRequester},
		"pam.1015": {WhoRequester},
		"pam.1017": {WhoRequester},
		"pam.1018": {WhoHolder, WhoAdministrator},
		"pam.1023": {WhoRequester},
		"pam.1024": {WhoRequester},
		"pam.1026": {WhoRequester},
		"pam.1042": {WhoRequester, WhoAdministrator},
		"pam.1043": {WhoRequester},
		"pam.1044": {WhoRequester},
		"pam.1045": {WhoRequester},
		"pam.1049": {WhoRequester},

		"mysafe.1001": {WhoOperator},
		"mysafe.1005": {WhoRequester, WhoOwner},
		"mysafe.1006": {WhoOwner},
		"mysafe.1009": {WhoOwner},
		"mysafe.1010": {WhoRequester},

		"gateway.resource_not_found":    {WhoOperator},
		"gateway.unexpected_error":      {WhoApprover, WhoAdministrator},
		"gateway.client_authentication": {WhoOperator, WhoAdministrator},
		"gateway.no_route":              {WhoOperator, WhoAdministrator},
		"gateway.timed_out":             {WhoApprover, WhoOperator},
		"gateway.invalid_upstream":      {WhoApprover, WhoAdministrator},
		"gateway.upstream_timeout":      {WhoApprover, WhoAdministrator},
		faultRateLimited:                {WhoRequester, WhoAdministrator},

		faultLost:          {WhoApprover},
		faultAuth:          {WhoOperator, WhoAdministrator},
		faultRedirect:      {WhoOperator},
		faultNotConfigured: {WhoOperator},
		faultNotSent:       {WhoOperator, WhoRequester},
	}
}

// keyDoers are the same for MySafe, whose access key takes the place of the
// authorization that an administrator gives.
func keyDoers() map[string][]Who {
	return map[string][]Who{
		"gateway.not_authorized":        {WhoKeyKeeper, WhoOperator},
		"gateway.client_authentication": {WhoOperator, WhoKeyKeeper},
		"gateway.no_route":              {WhoOperator, WhoKeyKeeper},
		"gateway.invalid_signature":     {WhoOperator},
		faultAuth:                       {WhoOperator, WhoKeyKeeper},
	}
}
