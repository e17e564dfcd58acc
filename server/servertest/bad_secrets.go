package servertest

import "fazt/server/op"

// badSecrets are secrets that must not be stored, or not so.
func badSecrets() []BadCase {
	keyed := bad("a secret under an idempotency key, whose record would hold its hash", "secret_set",
		`{"name":"keyed","origins":["https://erp.example"],"value":"1234"}`, op.CodeInvalidInput, "idempotency_key", "call it without one")
	keyed.Envelope = op.Envelope{IdempotencyKey: "once"}
	byAgent := bad("a secret of an agent's", "secret_set", `{"name":"mine","origins":["https://erp.example"],"value":"x"}`, op.CodeForbidden, "", "")
	byAgent.Role = Agent
	return []BadCase{
		keyed, byAgent,
		bad("a secret for an address with a path", "secret_set", `{"name":"erp","origins":["https://erp.example/login"],"value":"x"}`, op.CodeInvalidInput, "origins[0]", ""),
		bad("a secret without a value", "secret_set", `{"name":"erp","origins":["https://erp.example"],"value":""}`, op.CodeInvalidInput, "value", ""),
		bad("to forget a secret that is not there", "secret_delete", `{"name":"none"}`, "secret_not_found", "name", ""),
	}
}
