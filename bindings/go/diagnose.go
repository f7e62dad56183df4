package qcos

import "unsafe"

// A Diagnosis is what Diagnose has found: OK when no step has failed.
type Diagnosis struct {
	Reply `json:"-"`
	OK    bool            `json:"ok"`
	Steps []DiagnosisStep `json:"steps"`
}

// A DiagnosisStep is one of "dns", "tcp", "proxy", "tls", "http", "clock", "region", "path_style", "key",
// "signature", "token", "list", "read".
type DiagnosisStep struct {
	Step string `json:"step"`
	// "ok", "warning", "failed" or "skipped".
	Status string `json:"status"`
	// In English and in Chinese; an advice is "" where there is nothing to do.
	Message   string `json:"message"`
	MessageZh string `json:"message_zh"`
	Advice    string `json:"advice"`
	AdviceZh  string `json:"advice_zh"`
	// What is known of it, as of qcos.h.
	Detail map[string]interface{} `json:"detail"`
}

// Diagnose finds out what is wrong between this program and the service, step by step. It reads only. An
// error is returned when the diagnosis could not be made.
func (c *Client) Diagnose(bucket string) (diagnosis Diagnosis, err error) {
	err = c.ask(&diagnosis, []text{{"bucket", bucket}}, func(t []*byte) unsafe.Pointer {
		return c.library.Diagnose(c.handle, t[0])
	})
	return diagnosis, err
}
