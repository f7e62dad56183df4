//go:build !cgo || qcos_pure

package qcos_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func TestALibraryThatIsMissing(t *testing.T) {
	said := opened(t, os.Args[0], t.TempDir(), "QCOS_LIBRARY=/none/libqcos.so")
	if !strings.Contains(said, "/none/libqcos.so") || !strings.Contains(said, "Set QCOS_LIBRARY") {
		t.Fatal(said)
	}
	said = opened(t, os.Args[0], t.TempDir(), "QCOS_LIBRARY=")
	soname := map[string]string{"linux": "libqcos.so.0", "windows": "qcos.dll"}[runtime.GOOS]
	if !strings.Contains(said, soname) || !strings.Contains(said, "Set QCOS_LIBRARY") {
		t.Fatal(said)
	}
}

func TestAnotherLibrary(t *testing.T) {
	folder := compiled(t, "int x;")
	said := opened(t, os.Args[0], folder, "QCOS_LIBRARY="+folder+"/libqcos.so")
	if !strings.Contains(said, folder+"/libqcos.so is not libqcos") {
		t.Fatal(said)
	}
}

func TestALibraryForAnotherProcessor(t *testing.T) {
	path := compiled(t, "int x;") + "/libqcos.so"
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	check(t, err)
	_, err = file.WriteAt([]byte{0x16, 0}, 18) // e_machine: s390
	check(t, err)
	check(t, file.Close())
	said := opened(t, os.Args[0], t.TempDir(), "QCOS_LIBRARY="+path)
	if !strings.Contains(said, path+" exists: is it for another platform than linux on "+runtime.GOARCH+"?") {
		t.Fatal(said)
	}
}

func TestALibraryThatLacksAFunction(t *testing.T) {
	code := strings.Replace(pretended(t, 1<<8), "qcos_upload_tree(", "other(", 1)
	folder := compiled(t, code)
	said := opened(t, os.Args[0], folder, "QCOS_LIBRARY=")
	if !strings.Contains(said, "is too old for qcos "+qcos.Version) || !strings.Contains(said, "it has no qcos_upload_tree") {
		t.Fatal(said)
	}
}

func TestALibraryBesideTheProgram(t *testing.T) {
	folder := compiled(t, fmt.Sprintf("unsigned qcos_version_number(void) { return %d; }", 7<<16))
	program, err := os.OpenFile(filepath.Join(folder, "program"), os.O_CREATE|os.O_WRONLY, 0o700)
	check(t, err)
	self, err := os.Open(os.Args[0])
	check(t, err)
	_, err = io.Copy(program, self)
	check(t, err)
	check(t, self.Close())
	check(t, program.Close())
	said := opened(t, program.Name(), "", "QCOS_LIBRARY=")
	if !strings.Contains(said, "libqcos 7.0.0 ("+folder+"/libqcos.so)") {
		t.Fatal(said)
	}
}
