package server

import "fazt/server/op"

// tokenBudget is a budget as callers see it: without what is not limited.
type tokenBudget struct {
	Calls  int64 `json:"calls_per_hour,omitzero" doc:"calls, those inside runs too"`
	Writes int64 `json:"writes_per_hour,omitzero" doc:"calls that can change something"`
	Bytes  int64 `json:"bytes_per_hour,omitzero" doc:"bytes sent and answered"`
}

type tokenUsed struct {
	Calls  int64 `json:"calls" doc:"calls within the last hour"`
	Writes int64 `json:"writes" doc:"of those, the ones that can change something"`
	Bytes  int64 `json:"bytes" doc:"bytes sent and answered"`
}

// budgetOf returns a token's budget with what is used of it, nil of a token
// without one.
func (s *Service) budgetOf(token string, b op.Budget) (*tokenBudget, *tokenUsed) {
	if b == (op.Budget{}) {
		return nil, nil
	}
	budget := tokenBudget(b)
	if s.Used == nil {
		return &budget, &tokenUsed{}
	}
	used := tokenUsed(s.Used(token))
	return &budget, &used
}

func (in tokenCreateIn) budget() op.Budget {
	return op.Budget{Calls: in.Calls, Writes: in.Writes, Bytes: in.Bytes}
}
