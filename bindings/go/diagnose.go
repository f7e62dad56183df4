package qcos

import (
	"context"
	"unsafe"
)

// A Diagnosis is what Diagnose has found: OK when no step has failed.
type Diagnosis struct {
	Reply `json:"-"`
	OK    bool            `json:"ok"`
	Steps []DiagnosisStep `json:"steps"`
}

// A DiagnosisStatus is how a step went.
type DiagnosisStatus string

const (
	DiagnosisOK DiagnosisStatus = "ok"
	// DiagnosisWarning is of what works, but should be known.
	DiagnosisWarning DiagnosisStatus = "warning"
	DiagnosisFailed  DiagnosisStatus = "failed"
	// DiagnosisSkipped is of what is not known: a step before it has failed, or there is nothing to check.
	DiagnosisSkipped DiagnosisStatus = "skipped"
)

// A DiagnosisStep is one of "dns", "tcp", "proxy", "tls", "http", "clock", "region", "path_style", "key",
// "signature", "token", "list", "read". All are there, in this order.
type DiagnosisStep struct {
	Step   string          `json:"step"`
	Status DiagnosisStatus `json:"status"`
	// In English and in Chinese; an advice is "" where there is nothing to do.
	Message   string          `json:"message"`
	MessageZh string          `json:"message_zh"`
	Advice    string          `json:"advice"`
	AdviceZh  string          `json:"advice_zh"`
	Detail    DiagnosisDetail `json:"detail"`
}

// A DiagnosisDetail is what is known of a step; what is not known is "", 0 or nil.
type DiagnosisDetail struct {
	Host      string   `json:"host"`
	Addresses []string `json:"addresses"`
	Proxy     string   `json:"proxy"`
	// Subject and Issuer are to whom the certificate was issued, and by whom.
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	// ClockAheadS is in seconds, below 0 when this machine's clock is behind; nil when it is not known.
	ClockAheadS *int64 `json:"clock_ahead_s"`
	Bucket      string `json:"bucket"`
	// Region is where the bucket is, when that is another one.
	Region     string `json:"region"`
	Addressing string `json:"addressing"`
	// Of a failure, as an Error has them.
	Error       string `json:"error"`
	Kind        string `json:"kind"`
	Code        Code   `json:"code"`
	HTTPCode    int    `json:"httpcode"`
	ServiceCode string `json:"service_code"`
	RequestID   string `json:"request_id"`
}

// Diagnose finds out what is wrong between this program and the service, step by step. It reads only. An
// error is returned when the diagnosis could not be made.
func (c *Client) Diagnose(ctx context.Context, bucket string) (diagnosis Diagnosis, err error) {
	err = c.ask(ctx, &diagnosis, []text{{"bucket", bucket}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.Diagnose(client, t[0])
	})
	return diagnosis, err
}
