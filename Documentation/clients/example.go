// SPDX-License-Identifier: GPL-2.0

// All paths, with what they do, by libiscsi-mpio.
package main

/*
#cgo pkg-config: libiscsi-mpio
#include <libiscsi-mpio.h>
*/
import "C"

import (
	"fmt"
	"os"
)

type object = *C.struct_impio_object

func number(o object, attr C.int) uint64 {
	var value C.uint64_t

	C.impio_number(o, attr, &value)
	return uint64(value)
}

// GoString makes "" of nil, which stands for what has no such attribute.
func text(o object, attr C.int) string {
	return C.GoString(C.impio_text(o, attr, 0))
}

func show(m *C.struct_impio) C.int {
	var paths *C.struct_impio_list

	ret := C.impio_get_paths(m, 0, 0, &paths)
	for i := C.size_t(0); i < C.impio_count(paths); i++ {
		path := C.impio_item(paths, i)
		disk, state := text(path, C.MPIO_PA_DISK), "not ready"
		if disk == "" {
			disk = "-"
		}
		if number(path, C.MPIO_PA_STATE) == C.MPIO_PATH_READY {
			state = "ready"
		}
		fmt.Printf("%s %s %s, %d I/Os\n", disk,
			text(path, C.MPIO_PA_KEY), state,
			number(path, C.MPIO_PA_IOS))
	}
	C.impio_list_free(paths)
	return ret
}

func main() {
	m := C.impio_new()
	if m == nil {
		panic("no memory")
	}
	ret := C.impio_open(m)
	if ret == 0 {
		ret = show(m)
	}
	if ret != 0 {
		fmt.Fprintln(os.Stderr, "cannot list paths:", C.GoString(C.impio_why(m)))
	}
	C.impio_free(m)
	if ret != 0 {
		os.Exit(1)
	}
}
