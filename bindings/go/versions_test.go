package qcos_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

// pretended is the C code of a library that says it is of this version; the rest of it must not be
// called.
func pretended(t *testing.T, number int) string {
	var code strings.Builder
	fmt.Fprintf(&code, "unsigned qcos_version_number(void) { return %d; }\n", number)
	for _, name := range strings.Fields(qcos.RepositoryFile(t, "tests/exports.txt")) {
		if name != "qcos_version_number" {
			fmt.Fprintf(&code, "void %s(void) { __builtin_trap(); }\n", name)
		}
	}
	return code.String()
}

func TestVersionsThatDoNotFit(t *testing.T) {
	for version, number := range map[string]int{"0.2.0": 2 << 8, "0.0.9": 9, "1.1.0": 1<<16 | 1<<8} {
		folder := compiled(t, pretended(t, number))
		said := opened(t, os.Args[0], folder, "QCOS_LIBRARY="+folder+"/libqcos.so")
		loaded, wanted := "qcos: libqcos "+version+" (", "than qcos "+qcos.Version+" for Go"
		if !strings.HasPrefix(said, loaded) || !strings.Contains(said, wanted) {
			t.Fatal(said)
		}
	}
}

func TestTheLibrarysVersion(t *testing.T) {
	version, err := qcos.LibraryVersion()
	check(t, err)
	if strings.Join(strings.Split(version, ".")[:2], ".") != strings.Join(strings.Split(qcos.Version, ".")[:2], ".") {
		t.Fatal(version)
	}
}
