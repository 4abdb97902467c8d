/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A GGUF file from its first byte on: head, tensors, configuration, vocabulary and template.
 */
#include "fuzz.h"
#include "model/model.h"

#include <sys/mman.h>
#include <unistd.h>

/* Each tensor lies within the bytes. */
static void
touch_tensors (const AttuneGguf *gguf)
{
  volatile guint8 sum = 0;

  for (guint i = 0; i < attune_gguf_n_tensors (gguf); i++)
    {
      const AttuneTensor *tensor
          = attune_gguf_find_tensor (gguf, attune_gguf_tensor_name (gguf, i));

      if (tensor != NULL)
        sum += ((const guint8 *) tensor->data)[0]
               + ((const guint8 *) tensor->data)[attune_tensor_bytes (tensor) - 1];
    }
}

/* The same file where it has a name. */
static void
open_model (const guint8 *data, gsize size)
{
  const int fd = memfd_create ("fuzz", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  model = attune_model_open (path, &error);
  g_assert_true ((model == NULL) == (error != NULL));
  if (model != NULL)
    {
      const AttuneMessage message = { ATTUNE_ROLE_USER, "What is an ECG?" };
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

      attune_chat_template_encode (attune_model_get_template (model),
                                   attune_model_get_tokenizer (model), &message, 1, TRUE, ids, NULL,
                                   NULL);
    }
  close (fd);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) gguf = attune_gguf_open_bytes (bytes, "t.gguf", &error);

  g_assert_true ((gguf == NULL) == (error != NULL));
  if (gguf == NULL)
    return 0;
  touch_tensors (gguf);
  open_model (data, size);
  return 0;
}
