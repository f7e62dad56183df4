package qcos_test

import (
	"encoding/json"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func TestUpdatesAndEncryption(t *testing.T) {
	client := open(t, func(options *qcos.Options) { options.Overwrite = true })
	path := somewhere(t) + "/updated"
	options := qcos.UploadOptions{Meta: map[string]string{"colour": "蓝"}}
	if xml() {
		options.Encryption = &qcos.Encryption{}
	}
	check(t, second(client.UploadBufferWith(ctx, []byte("hello"), bucket, path, options, nil)))
	text := "b"
	if !xml() {
		check(t, second(client.UpdateWith(ctx, bucket, path, qcos.UpdateOptions{BizAttr: &text, ACL: "private"})))
		stat, err := client.StatFile(ctx, bucket, path)
		check(t, err)
		same(t, stat.BizAttr, "b")
		return
	}
	shape := "圆"
	changes := qcos.UpdateOptions{BizAttr: &text, Meta: map[string]*string{"colour": nil, "shape": &shape}}
	for _, changed := range []bool{true, false} {
		updated, err := client.UpdateWith(ctx, bucket, path, changes)
		check(t, err)
		same(t, updated.Changed, changed)
	}
	stat, err := client.StatWith(ctx, bucket, path, qcos.Conditions{Encryption: &qcos.Encryption{}})
	check(t, err)
	same(t, []string{stat.BizAttr, stat.Meta["shape"], string(stat.Encryption)}, []string{"b", "圆", `"cos"`})
	same(t, len(stat.Meta), 1)
	kms := &qcos.Encryption{KMS: true}
	copies := qcos.CopyOptions{Encryption: kms}
	check(t, second(client.CopyWith(ctx, bucket, path, bucket, path+" copied", copies, nil)))
	check(t, second(client.StatWith(ctx, bucket, path+" copied", qcos.Conditions{Encryption: kms})))
	copies.SourceKey = &qcos.Encryption{Key: make([]byte, 32)}
	// Its endpoint is http.
	_, err = client.CopyWith(ctx, bucket, path, bucket, path+" copied", copies, nil)
	failure(t, err, qcos.ErrParams)
	_, err = client.StatWith(ctx, bucket, path, qcos.Conditions{Encryption: kms})
	failure(t, err, qcos.ErrIntegrity)
	_, err = client.StatWith(ctx, bucket, path, qcos.Conditions{Encryption: &qcos.Encryption{Key: []byte("short")}})
	failure(t, err, qcos.ErrParams)
}

func TestEncryptionIsWrittenAsTheOptionIs(t *testing.T) {
	for want, given := range map[string]qcos.Encryption{
		`"cos"`:                                {},
		`{"kms":""}`:                           {KMS: true},
		`{"c":"AAECAw=="}`:                     {Key: []byte{0, 1, 2, 3}},
		`{"kms":"k","context":"eyJhIjoiYiJ9"}`: {KMS: true, KeyID: "k", Context: []byte(`{"a":"b"}`)},
	} {
		text, err := json.Marshal(given)
		check(t, err)
		same(t, string(text), want)
	}
	for _, wrong := range []qcos.Encryption{{KeyID: "k"}, {Context: []byte("{}")}, {KMS: true, Key: []byte{1}}} {
		if _, err := json.Marshal(wrong); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}
