package commands

import (
	"context"
	"errors"
	"testing"
	"time"

	"senhasegura-bot/approvals"
	"senhasegura-bot/senhasegura/senhaseguratest"
)

func open(context.Context) error { return nil }

func TestTheSevenCalls(t *testing.T) {
	tests := []struct {
		v    approvals.Verb
		k    approvals.Kind
		ref  string
		want string
	}{
		{approvals.Activate, approvals.Credential, "7", "PUT /api/pam/credential/7"},
		{approvals.Deactivate, approvals.Credential, "5", "DELETE /api/pam/credential/5"},
		{approvals.Deactivate, approvals.Credential, "root@db02", "DELETE /api/pam/credential/root@db02"},
		{approvals.Release, approvals.Credential, "12", "DELETE /api/pam/credential/custody/12"},
		{approvals.Activate, approvals.Password, "11", "POST /api/mysafe/password/active/11"},
		{approvals.Deactivate, approvals.Password, "10", "POST /api/mysafe/password/inactive/10"},
		{approvals.Activate, approvals.Secret, "42", "POST /api/mysafe/secretapi/active/42"},
		{approvals.Deactivate, approvals.Secret, "10", "POST /api/mysafe/secretapi/inactive/10"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			l := newLab(t)
			a := l.Call(t.Context(), tt.v, tt.k, tt.ref, open)
			if a.Kind != approvals.AnswerDone || a.Status != 200 || a.Message == "" {
				t.Errorf("answer %+v", a)
			}
			if w := l.appliance.Writes(); len(w) != 1 || w[0].String() != tt.want {
				t.Errorf("sent %v", w)
			}
		})
	}
}

func TestAPairWithoutACallIsRefused(t *testing.T) {
	l := newLab(t)
	if a := l.Call(t.Context(), approvals.Release, approvals.Password, "10", open); a.Kind != approvals.AnswerRefused {
		t.Errorf("answer %+v", a)
	}
	if w := l.appliance.Writes(); len(w) != 0 {
		t.Errorf("sent %v", w)
	}
}

func TestWhatAnAnswerAllowsToConclude(t *testing.T) {
	tests := []struct {
		name  string
		v     approvals.Verb
		ref   string
		fault *senhaseguratest.Fault
		want  approvals.Answer // Message is not compared
	}{
		{"already inactive", approvals.Deactivate, "7", nil, approvals.Answer{Kind: approvals.AnswerAlready, Status: 400}},
		{"already active", approvals.Activate, "5", nil, approvals.Answer{Kind: approvals.AnswerAlready, Status: 400}},
		{"not found", approvals.Deactivate, "999", nil, approvals.Answer{Kind: approvals.AnswerRefused, Code: 1007, Status: 400, Fault: "pam.1007"}},
		{"inactive on release", approvals.Release, "7", nil, approvals.Answer{Kind: approvals.AnswerRefused, Code: 1008, Status: 400, Fault: "pam.1008"}},
		{"custody of a person", approvals.Release, "18", nil, approvals.Answer{Kind: approvals.AnswerRefused, Code: 1018, Status: 400, Fault: "pam.1018"}},
		{"unknown code", approvals.Activate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.Refusal, Code: 1999, Message: "New"},
			approvals.Answer{Kind: approvals.AnswerRefused, Code: 1999, Status: 400}},
		{"not authorized", approvals.Activate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.NotAuthorized},
			approvals.Answer{Kind: approvals.AnswerRefused, Status: 500, Fault: "gateway.not_authorized"}},
		{"token refused twice", approvals.Activate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.TokenRejected},
			approvals.Answer{Kind: approvals.AnswerRefused, Status: 401, Fault: "call.auth"}},
		{"redirect", approvals.Deactivate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.Redirect},
			approvals.Answer{Kind: approvals.AnswerRefused, Status: 302, Fault: "call.redirect"}},
		{"rate limited", approvals.Deactivate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.RateLimited, RetryAfter: "7"},
			approvals.Answer{Kind: approvals.AnswerWait, Status: 429, Fault: "gateway.rate_limited", After: 7 * time.Second}},
		{"reset", approvals.Deactivate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.Reset, Act: true},
			approvals.Answer{Kind: approvals.AnswerLost, Fault: "call.lost"}},
		{"server fault", approvals.Deactivate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.Unexpected},
			approvals.Answer{Kind: approvals.AnswerLost, Status: 500, Fault: "gateway.unexpected_error"}},
		{"proxy page", approvals.Deactivate, "5", &senhaseguratest.Fault{Kind: senhaseguratest.HTML},
			approvals.Answer{Kind: approvals.AnswerLost, Status: 502, Fault: "call.lost"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t)
			if tt.fault != nil {
				tt.fault.Path = "*/pam/*"
				l.appliance.Inject(*tt.fault)
			}
			got := l.Call(t.Context(), tt.v, approvals.Credential, tt.ref, open)
			got.Message, tt.want.Module = "", "PAM Core"
			if got != tt.want {
				t.Errorf("\n got %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestAClosedGateLetsNothingOut(t *testing.T) {
	l := newLab(t)
	a := l.Call(t.Context(), approvals.Deactivate, approvals.Credential, "5", func(context.Context) error { return errors.New("not mine any more") })
	if a.Kind != approvals.AnswerNotSent || a.Fault != "call.not_sent" {
		t.Errorf("answer %+v", a)
	}
	if w := l.appliance.Writes(); len(w) != 0 {
		t.Errorf("sent %v", w)
	}
}

func TestAnErrorOfUnknownKindCountsAsLost(t *testing.T) {
	if a := failed("PAM Core", errors.New("?")); a.Kind != approvals.AnswerLost {
		t.Errorf("answer %+v", a)
	}
}
