package capacity

import (
	"encoding/json"
	"fmt"
)

// Validation is the last load test.
type Validation struct {
	At   int64  `json:"at" doc:"Unix ms when it ended"`
	Test Tested `json:"test" doc:"what it came to"`
}

// Tested is what a load test came to, beside what had been predicted of it
// before it began.
type Tested struct {
	Mode          string   `json:"mode" doc:"closed: each caller waits for its answer; open: calls come at a rate" enum:"closed,open"`
	Mix           string   `json:"mix" doc:"classes with their percentages, as in read=70,write=30" minLength:"1" maxLength:"1000"`
	Users         int      `json:"users" doc:"callers" minimum:"1"`
	ThinkMS       float64  `json:"think_ms,omitzero" doc:"their pause between calls" minimum:"0"`
	Seconds       float64  `json:"seconds" doc:"how long was measured" minimum:"0"`
	RPS           float64  `json:"rps" doc:"calls answered a second" minimum:"0"`
	PredictedRPS  float64  `json:"predicted_rps" doc:"what was predicted of this load" minimum:"0"`
	PredictedLow  float64  `json:"predicted_lo" doc:"lower bound of it" minimum:"0"`
	PredictedHigh float64  `json:"predicted_hi" doc:"upper bound of it" minimum:"0"`
	ErrorPercent  float64  `json:"error_percent" doc:"of the prediction; above 0 = the server did better"`
	P99MS         float64  `json:"p99_ms" doc:"99 of 100 answers took at most so long" minimum:"0"`
	Shed          int      `json:"shed" doc:"calls refused for want of capacity" minimum:"0"`
	Failed        int      `json:"failed" doc:"calls that failed" minimum:"0"`
	Valid         bool     `json:"valid" doc:"nothing disturbed the test"`
	Doubts        []string `json:"doubts" doc:"what did" maxItems:"20"`
	CalibratedAt  int64    `json:"calibrated_at" doc:"Unix ms of the model that predicted, 0 = it was assumed" minimum:"0"`
}

// kept is what a restart brings back.
type kept struct {
	Model
	Validation *Validation `json:"validation,omitempty"`
}

// Validate keeps a load test as the last one.
func (m *Meter) Validate(t Tested) (Validation, error) {
	v := Validation{At: m.options.Now().UnixMilli(), Test: t}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.validation
	m.validation = &v
	if err := m.keep(); err != nil {
		m.validation = before
		return Validation{}, err
	}
	return v, nil
}

// keep saves what a restart brings back; the caller holds mu.
func (m *Meter) keep() error {
	if m.options.Save == nil {
		return nil
	}
	text, err := json.Marshal(kept{m.model, m.validation})
	if err != nil {
		return fmt.Errorf("encode what was measured: %w", err)
	}
	return m.options.Save(m.ctx, text)
}

// restore brings back what an earlier run kept. What another version wrote and
// this one cannot read is measured again.
func (m *Meter) restore(text []byte) {
	var k kept
	if text == nil || json.Unmarshal(text, &k) != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.model, m.validation = k.Model, k.Validation
}
