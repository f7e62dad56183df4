package qcos_test

import (
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

var steps = []string{
	"dns", "tcp", "proxy", "tls", "http", "clock", "region", "path_style", "key", "signature", "token", "list", "read",
}

// found are the steps of a diagnosis, which must be all.
func found(t *testing.T, client *qcos.Client) (qcos.Diagnosis, map[string]qcos.DiagnosisStep) {
	t.Helper()
	diagnosis, err := client.Diagnose(ctx, bucket)
	check(t, err)
	byName, names := map[string]qcos.DiagnosisStep{}, []string(nil)
	for _, step := range diagnosis.Steps {
		byName[step.Step], names = step, append(names, step.Step)
		if step.Message == "" || step.MessageZh == "" || (step.Advice == "") != (step.AdviceZh == "") {
			t.Errorf("%+v", step)
		}
	}
	same(t, names, steps)
	return diagnosis, byName
}

func TestADiagnosisOfWhatWorks(t *testing.T) {
	client := open(t, nil)
	check(t, second(client.UploadBuffer(ctx, []byte("x"), bucket, somewhere(t), "")))
	diagnosis, step := found(t, client)
	same(t, diagnosis.OK, true)
	same(t, []qcos.DiagnosisStatus{step["tcp"].Status, step["tls"].Status, step["list"].Status},
		[]qcos.DiagnosisStatus{qcos.DiagnosisOK, qcos.DiagnosisWarning, qcos.DiagnosisOK})
	ahead := step["clock"].Detail.ClockAheadS
	if ahead == nil || *ahead < -60 || *ahead > 60 {
		t.Error(ahead)
	}
	if addresses := step["dns"].Detail.Addresses; len(addresses) == 0 || step["dns"].Detail.Host == "" {
		t.Errorf("%+v", step["dns"])
	}
}

func TestADiagnosisOfAWrongKey(t *testing.T) {
	client := open(t, nil)
	check(t, client.SetCredentials(revoked))
	diagnosis, step := found(t, client)
	same(t, []any{diagnosis.OK, step["key"].Status, step["list"].Status},
		[]any{false, qcos.DiagnosisFailed, qcos.DiagnosisSkipped})
	detail := step["key"].Detail
	same(t, []any{detail.Code, detail.Kind, detail.Error != "", detail.HTTPCode != 0, step["key"].Advice != ""},
		[]any{unknownID, "service", true, true, true})
	same(t, detail.ServiceCode, map[bool]string{true: "InvalidAccessKeyId"}[xml()])
}

func TestADiagnosisOfNobodyThere(t *testing.T) {
	client := open(t, func(options *qcos.Options) { options.Endpoint = "http://127.0.0.1:1" })
	diagnosis, step := found(t, client)
	same(t, []any{diagnosis.OK, step["tcp"].Status, step["tcp"].Detail.Kind, step["tcp"].Detail.Code, step["http"].Status},
		[]any{false, qcos.DiagnosisFailed, "connect", qcos.ErrNetwork, qcos.DiagnosisSkipped})
	_, err := client.Diagnose(ctx, "a\x00b")
	failure(t, err, qcos.ErrParams)
}
