/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Templates against what Jinja2 makes of them (jinja-cases.json, made by make-jinja-cases.py), who
 * wrote which byte of the output, and templates that are wrong or hostile.
 */
#include "golden.h"
#include "text/jinja.h"

#include <string.h>

static AttuneMessage *
read_messages (JsonArray *list, guint *n)
{
  AttuneMessage *messages = g_new0 (AttuneMessage, json_array_get_length (list) + 1);

  *n = json_array_get_length (list);
  for (guint i = 0; i < *n; i++)
    {
      JsonObject *message = json_array_get_object_element (list, i);
      const char *role = json_object_get_string_member (message, "role");

      messages[i].role = *role == 's'   ? ATTUNE_ROLE_SYSTEM
                         : *role == 'u' ? ATTUNE_ROLE_USER
                                        : ATTUNE_ROLE_ASSISTANT;
      messages[i].content = json_object_get_string_member (message, "content");
    }
  return messages;
}

/* Returns whether the case holds; says so where it does not. */
static gboolean
check_case (JsonObject *one)
{
  const char *source = json_object_get_string_member (one, "template");
  JsonNode *text = json_object_get_member (one, "text");
  guint n;
  g_autofree AttuneMessage *messages
      = read_messages (json_object_get_array_member (one, "messages"), &n);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneChatTemplate) template = attune_chat_template_new (source, &error);
  g_autofree char *rendered = NULL;
  const char *expected = JSON_NODE_HOLDS_NULL (text) ? NULL : json_node_get_string (text);

  if (template != NULL)
    {
      attune_chat_template_set_token (template, "bos_token", "<s>");
      attune_chat_template_set_token (template, "eos_token", "</s>");
      rendered = attune_chat_template_render (
          template, messages, n, json_object_get_boolean_member (one, "add_generation_prompt"),
          &error);
    }
  g_assert_true ((rendered == NULL) == (error != NULL));
  if (g_strcmp0 (rendered, expected) == 0)
    return TRUE;
  g_test_message ("template “%s” over %u messages:\n  gives    “%s” (%s)\n  and not  “%s”", source,
                  n, rendered != NULL ? rendered : "nothing",
                  error != NULL ? error->message : "no error",
                  expected != NULL ? expected : "an error");
  return FALSE;
}

static void
test_cases (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "text", "jinja-cases.json", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *cases;
  guint wrong = 0;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  cases = json_object_get_array_member (golden_root (parser), "cases");
  g_assert_cmpuint (json_array_get_length (cases), >=, 300);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    wrong += !check_case (json_array_get_object_element (cases, i));
  g_assert_cmpuint (wrong, ==, 0);
}

/* What @source makes of an assistant's answer, with a letter for who wrote each byte: "t" template,
 * "p" people, "a" assistant; "!" where an empty answer stands. */
static char *
render_marks (const char *source, const char *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JinjaTemplate) template = jinja_template_new (source, &error);
  g_autoptr (JinjaPool) pool = jinja_pool_new (1 << 20);
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  JinjaValue variables = jinja_map (pool);
  GString *marks = g_string_new (NULL);
  guint k = 0;

  g_assert_no_error (error);
  jinja_map_set (pool, variables.map, *jinja_literal (pool, "q").string,
                 jinja_string (pool, "Q?", 2, ATTUNE_ORIGIN_PEOPLE));
  jinja_map_set (pool, variables.map, *jinja_literal (pool, "a").string,
                 jinja_string (pool, answer, strlen (answer), ATTUNE_ORIGIN_ASSISTANT));
  g_assert_true (jinja_template_render (template, pool, variables.map, out, &error));
  g_assert_cmpuint (out->marks->len, ==, out->text->len);
  for (gsize i = 0; i <= out->text->len; i++)
    {
      for (; k < out->empty->len && g_array_index (out->empty, gsize, k) == i; k++)
        g_string_append_c (marks, '!');
      if (i < out->text->len)
        g_string_append_c (marks, "tpa"[out->marks->data[i]]);
    }
  return g_string_free (marks, FALSE);
}

static void
test_marks (void)
{
  static const struct
  {
    const char *source, *answer, *marks;
  } cases[] = {
    { "x{{ a }}y{{ q }}", "AB", "taatpp" },
    { "{{ 'x' + a + 'y' ~ q }}", "AB", "taatpp" },
    { "{{ (' ' + a + ' ') | trim }}", " A ", "a" },
    { "{{ a.strip() ~ a[1:] ~ a[0] }}", "AB", "aaaa" },
    { "{{ a | upper ~ q | lower }}", "äb", "aaapp" },
    { "{{ a | replace('B', 'xy') }}", "AB", "att" },
    { "{{ a.replace('B', q) }}", "AB", "app" },
    { "{{ a.split('-') | join('+') }}", "A-B", "ata" },
    { "{{ a[::-1] ~ q[::2] }}", "ABC", "aaap" },
    { "{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}{{ a }}-{% endcall %}", "A",
      "tatt" },
    { "{% set z %}[{{ a }}]{% endset %}{{ z }}{{ z }}", "A", "tattat" },
    { "{% for c in a %}{{ c }},{% endfor %}", "AB", "atat" },
    { "{{ a | tojson }}", "A\"", "taaat" },
    { "{{ {'k': a} | tojson }}", "A", "tttttttatt" },
    { "{{ [a, q] | join }}{{ [a] | first }}", "A", "appa" },
    { "{{ a * 2 ~ (a if a else q) }}", "A", "aaa" },
    { "x{{ a }}y", "", "t!t" },
    { "{{ 'x' + a + 'y' }}", "", "t!t" },
    { "{{ 'x' + (a | trim) + 'y' }}", "  ", "t!t" },
    { "{% set z %}{{ 'x' ~ a ~ 'y' }}{% endset %}{{ z }}", "", "t!t" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *marks = render_marks (cases[i].source, cases[i].answer);

      if (!g_str_equal (marks, cases[i].marks))
        g_error ("%s: %s and not %s", cases[i].source, marks, cases[i].marks);
    }
}

/* What is not in the subset is refused when the template is read, even where it would not be
 * reached. */
static void
test_refused (void)
{
  static const struct
  {
    const char *source, *words;
  } cases[] = {
    { "{% if false %}{{ x | batch(2) }}{% endif %}", "the filter “batch”" },
    { "{% if false %}{{ x.casefold() }}{% endif %}", "the method “casefold”" },
    { "{{ x is sameas(1) }}", "the test “sameas”" },
    { "\n\n{% call f() %}{% endcall %}", "line 3: the function “f”" },
    { "{% call 1 %}{% endcall %}", "needs the call of a macro" },
    { "{% macro f() %}{% endmacro %}{% call f() %}", "endcall" },
    { "{% macro f(a=1, b) %}{% endmacro %}", "after one that has one" },
    { "{% macro f(a) %}{% break %}{% endmacro %}", "outside of a loop" },
    { "{% macro f(1) %}{% endmacro %}", "needs a name" },
    { "{% macro f() %}", "endmacro" },
    { "{% filter trim %}", "endfilter" },
    { "{% filter %}x{% endfilter %}", "the filter" },
    { "{{ cycler('a') }}", "cycler" },
    { "\n{{ f(1) }}{% macro g() %}{% endmacro %}", "line 2: the function “f”" },
    { "{{ f(1) }}", "the function “f”" },
    { "{{ x | tojson(color=2) }}", "“color=”" },
    { "{% include 'x' %}", "the tag “include”" },
    { "{% for x in y recursive %}{% endfor %}", "recursive" },
    { "{% if x %}", "endif" },
    { "{% for x in y %}", "endfor" },
    { "{% endif %}", "“endif” ends nothing" },
    { "{% if x %}{% endfor %}", "endif" },
    { "{{ x", "does not end" },
    { "{{ 'x }}", "quotes" },
    { "{# x", "comment" },
    { "{% if %}{% endif %}", "value is missing" },
    { "{{ }}", "value is missing" },
    { "{{ a b }}", "}}" },
    { "{{ (a }}", "bracket" },
    { "{{ [1, }}", "value is missing" },
    { "{{ a. }}", "name is missing" },
    { "{{ a ? b }}", "sign" },
    { "{{ 2 ** 3 }}", "}}" },
    { "{% break %}", "outside of a loop" },
    { "{% %}", "without a name" },
    { "{{ and }}", "“and”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (jinja_template_new (cases[i].source, &error));
      g_assert_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("%s: “%s” does not say “%s”", cases[i].source, error->message, cases[i].words);
    }
}

static void
assert_stopped (const char *source, const char *words)
{
  const AttuneMessage message = { ATTUNE_ROLE_USER, "x" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneChatTemplate) template = attune_chat_template_new (source, &error);

  if (template != NULL)
    g_assert_null (attune_chat_template_render (template, &message, 1, FALSE, &error));
  g_assert_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

/* @n times @part, between @start and @end */
static char *
repeat (const char *start, const char *part, guint n, const char *end)
{
  GString *text = g_string_new (start);

  for (guint i = 0; i < n; i++)
    g_string_append (text, part);
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

static void
test_bounded (void)
{
  g_autofree char *brackets = repeat ("{{ ", "(", 100000, " }}");
  g_autofree char *minus = repeat ("{{ ", "-", 100000, "1 }}");
  g_autofree char *nots = repeat ("{{ ", "not ", 100000, "1 }}");
  g_autofree char *sum = repeat ("{{ 1", "+1", 100000, " }}");
  g_autofree char *members = repeat ("{{ messages", "[0]", 100000, " }}");
  g_autofree char *ifs = repeat ("", "{% if 1 %}", 50000, "");
  g_autofree char *elifs = repeat ("{% if 1 %}", "{% elif 1 %}", 50000, "{% endif %}");
  g_autofree char *closing = repeat ("1", "}", 50000, " }}");
  g_autofree char *maps = repeat ("{{ ", "{'a':", 50000, closing);
  g_autofree char *parts = repeat ("{{ 'a'", " 'a'", 30000, " }}");
  g_autofree char *choices = repeat ("{{ 1", " if 1 else 1", 50000, " }}");

  assert_stopped (brackets, "in one another");
  assert_stopped (minus, "in one another");
  assert_stopped (nots, "in one another");
  assert_stopped (sum, "too many parts");
  assert_stopped (members, "too many parts");
  assert_stopped (ifs, "in one another");
  assert_stopped (elifs, "in one another");
  assert_stopped (maps, "in one another");
  assert_stopped (parts, "too long");
  assert_stopped (choices, "in one another");
  assert_stopped ("{% for a in range(4000) %}{% for b in range(4000) %}{% endfor %}{% endfor %}",
                  "too m");
  assert_stopped ("{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ "
                  "ns.s %}{% endfor %}",
                  "memory");
  assert_stopped ("{{ 'x' * 1000000000000 }}", "too long");
  assert_stopped ("{% set s = 'x' * 1000000 %}{% for i in range(1000000) %}{{ s }}{% endfor %}",
                  "memory");
  assert_stopped ("{{ ('x' * 1000000).replace('x', 'y' * 1000) }}", "too long");
  assert_stopped ("{{ range(100000000) }}", "too large");
  assert_stopped ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "too many parts");
  assert_stopped ("{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}", "too many parts");
  assert_stopped (
      "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}"
      "{% endcall %}{% endmacro %}{{ g() }}",
      "too many parts");
  assert_stopped ("{% set s = 'x' * 200000 %}{% for i in range(1000000) %}{{ s[199999] }}"
                  "{% endfor %}",
                  "too many steps");
  assert_stopped ("{% set s = ' ' * 200000 %}{% for i in range(1000000) %}{{ s | trim }}"
                  "{% endfor %}",
                  "too many steps");
  assert_stopped ("{% set s = 'x' * 200000 %}{% for i in range(1000000) %}"
                  "{{ s.strip('abcdefghijklmnopqrstuvwxyz') }}{% endfor %}",
                  "too many steps");
  assert_stopped ("{% set s = '1' * 200000 %}{% for i in range(1000000) %}"
                  "{% if s is upper %}{% endif %}{% endfor %}",
                  "too many steps");
  assert_stopped ("{% set s = '1' * 200000 %}{% set t = '1' * 200000 %}{% for i in "
                  "range(1000000) %}{% if s == t %}{% endif %}{% endfor %}",
                  "too many steps");
  assert_stopped ("{{ messages.append(1) }}", "must not");
  assert_stopped ("{{ '1' | from_json }}", "must not");
  assert_stopped ("{{ '{' .format(1) }}", "“{”");
  assert_stopped ("{{ messages | map(attribute='role') | tojson }}", "JSON");
  assert_stopped ("{{ 'x' | indent(100000) }}", "spaces");
  assert_stopped ("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}{{ 1 + 'a' }}",
                  "do not go together");
}

/* Templates cut off and with bytes changed: an error or a result, never a crash. */
static void
test_damaged (void)
{
  static const char source[]
      = "{%- for m in messages if m.role != 'system' -%}{% set c = m['content'][1:] | trim %}"
        "{{ '<' ~ c.split(\"a\")[0] + (c if c is string else 'x') }}{% if loop.last and not c "
        "%}{{- -1 // 2 }}"
        "{% elif c in ['a', {'b': (1, 2)}] %}{# x #}{% break %}{% else %}z{% endif %}{% endfor %}";
  const AttuneMessage messages[]
      = { { ATTUNE_ROLE_USER, "xaya" }, { ATTUNE_ROLE_ASSISTANT, "\xff\xc3(" } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);

  for (gsize round = 0; round < sizeof source + 4000; round++)
    {
      g_autofree char *copy = g_strndup (source, round < sizeof source ? round : sizeof source);
      g_autoptr (AttuneChatTemplate) template = NULL;
      g_autofree char *text = NULL;

      for (int k = 0; round >= sizeof source && k < 1 + (int) (round % 3); k++)
        copy[g_rand_int_range (rand, 0, (int) sizeof source - 1)]
            = round % 2 ? (char) g_rand_int_range (rand, 1, 256)
                        : source[g_rand_int_range (rand, 0, (int) sizeof source - 1)];
      template = attune_chat_template_new (copy, NULL);
      if (template != NULL)
        text = attune_chat_template_render (template, messages, 2, TRUE, NULL);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/jinja/cases", test_cases);
  g_test_add_func ("/text/jinja/marks", test_marks);
  g_test_add_func ("/text/jinja/refused", test_refused);
  g_test_add_func ("/text/jinja/bounded", test_bounded);
  g_test_add_func ("/text/jinja/damaged", test_damaged);
  return g_test_run ();
}
