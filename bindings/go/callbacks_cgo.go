//go:build cgo && !qcos_pure

package qcos

// #include <stddef.h>
// #include <stdint.h>
import "C"

import "unsafe"

//export qcosGoProgress
func qcosGoProgress(done, total C.uint64_t, call C.uintptr_t) C.int32_t {
	return C.int32_t(progressed(uint64(done), uint64(total), uintptr(call)))
}

//export qcosGoPage
func qcosGoPage(page *C.char, call C.uintptr_t) C.int32_t {
	return C.int32_t(paged(unsafe.Pointer(page), uintptr(call)))
}

//export qcosGoRead
func qcosGoRead(buffer unsafe.Pointer, size C.size_t, call C.uintptr_t) C.int64_t {
	return C.int64_t(filled(buffer, uintptr(size), uintptr(call)))
}

//export qcosGoExpiry
func qcosGoExpiry(client C.uint64_t, call C.uintptr_t) C.int32_t {
	return C.int32_t(expiring(uint64(client), uintptr(call)))
}

//export qcosGoTrace
func qcosGoTrace(event *C.char, call C.uintptr_t) C.int32_t {
	return C.int32_t(traced(unsafe.Pointer(event), uintptr(call)))
}

//export qcosGoWrite
func qcosGoWrite(data unsafe.Pointer, length C.size_t, call C.uintptr_t) C.int32_t {
	return C.int32_t(written(data, uintptr(length), uintptr(call)))
}
