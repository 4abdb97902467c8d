/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A safetensors file: its header, and that every tensor lies within the bytes.
 */
#include "fuzz.h"
#include "model/safetensors.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSafetensors) file
      = attune_safetensors_open_bytes (bytes, "t.safetensors", &error);
  volatile guint8 sum = 0;

  g_assert_true ((file == NULL) == (error != NULL));
  for (guint i = 0; file != NULL && i < attune_safetensors_n_tensors (file); i++)
    {
      const AttuneTensor *tensor
          = attune_safetensors_find_tensor (file, attune_safetensors_tensor_name (file, i));
      const gint64 n = tensor != NULL ? attune_tensor_bytes (tensor) : 0;

      if (n > 0)
        sum += ((const guint8 *) tensor->data)[0] + ((const guint8 *) tensor->data)[n - 1];
    }
  return 0;
}
