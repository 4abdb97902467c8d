/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a fuzz target is: one function, in the spelling of LLVM's libFuzzer, which calls it with
 * bytes that it makes up (`./dev test fuzz`). In the usual tests replay.c calls it with the files
 * in inputs/, which hold something of every kind and all that was ever found to be wrong.
 */
#pragma once
#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
