package views

import (
	"senhasegura-bot/bot/messages"
)

// AuditHead tells the channel of the audit where its chain ends.
func AuditHead(p *messages.Printer, head string) Message {
	return answer(p.Text("audit.head", messages.Params{"Head": inert(head, 100)}))
}

// AuditBent tells the channel of the audit that it does not verify.
func AuditBent(p *messages.Printer, where string) Message {
	return answer(p.Text("audit.bent", messages.Params{"Where": escape(inert(where, 200))}))
}
