/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Modelfile for Ollama: written only where it asks the model as its own template does.
 */
#include "deploy/modelfile.h"
#include "generate/tiny-llama.h"

static void
test_chatml (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autofree char *text = attune_modelfile_make (tiny->model, "my model.gguf", "Be brief.\nNow.");

  g_assert_cmpstr (text, ==,
                   "FROM ./my model.gguf\n\n"
                   "TEMPLATE \"\"\"{{- range .Messages }}<|im_start|>{{ .Role }}\n"
                   "{{ .Content }}<|im_end|>\n"
                   "{{ end }}<|im_start|>assistant\n"
                   "\"\"\"\n\n"
                   "SYSTEM \"\"\"Be brief.\nNow.\"\"\"\n\n"
                   "PARAMETER stop \"<|im_end|>\"\n");
}

/* Without one from training, the template's own system prompt is what was learned with. */
static void
test_own_system (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  const AttuneMessage question = { ATTUNE_ROLE_USER, "x" };
  g_autofree char *rendered = attune_chat_template_render (attune_model_get_template (tiny->model),
                                                           &question, 1, TRUE, NULL);
  g_autofree char *text = attune_modelfile_make (tiny->model, "m.gguf", "");
  const gboolean own = g_str_has_prefix (rendered, "<|im_start|>system\n");

  g_assert_nonnull (text);
  g_assert_cmpint (strstr (text, "SYSTEM") != NULL, ==, own);
  if (own)
    {
      g_auto (GStrv) lines = g_strsplit (rendered, "\n", 3);

      *strstr (lines[1], "<|im_end|>") = '\0';
      g_assert_nonnull (strstr (text, lines[1]));
    }
}

static void
test_not_quoted (void)
{
  static const char *const systems[]
      = { "a \"\"\" b", "\"quoted\"", "ends with \"", "bell \a", "zero\x1b[0m" };
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (systems); i++)
    g_assert_null (attune_modelfile_make (tiny->model, "m.gguf", systems[i]));
  g_assert_null (attune_modelfile_make (tiny->model, "m\nFROM x.gguf", "fine"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/modelfile/chatml", test_chatml);
  g_test_add_func ("/deploy/modelfile/own-system", test_own_system);
  g_test_add_func ("/deploy/modelfile/not-quoted", test_not_quoted);
  return g_test_run ();
}
