/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts with and without secrets, each with where they are. The secrets are drawn, never written
 * here: no scanner takes this file for a leak, and no find can be learned by heart.
 */
#pragma once
#include "data/secrets.h"

#include <string.h>

#define SECRET_HEX "0123456789abcdef"
#define SECRET_UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SECRET_ALNUM SECRET_UPPER "abcdefghijklmnopqrstuvwxyz0123456789"

/* What stands for what in a form: # a digit, h hexadecimal, U a capital or 2 … 7, a any letter or
 * digit, w one of Base64 for the web, p one of a password, P one with any sign that no quotation or
 * line ends at; everything else in braces stands for itself. */
static inline char *
secret_draw (GRand *rand, const char *form)
{
  GString *text = g_string_new (NULL);
  gboolean literal = FALSE;

  for (const char *p = form; *p != '\0'; p++)
    {
      const char *alphabet = *p == '#'   ? "0123456789"
                             : *p == 'h' ? SECRET_HEX
                             : *p == 'U' ? SECRET_UPPER "234567"
                             : *p == 'B' ? SECRET_UPPER "0123456789"
                             : *p == 'a' ? SECRET_ALNUM
                             : *p == 'w' ? SECRET_ALNUM "_-"
                             : *p == 'p' ? SECRET_ALNUM "!#%+*~"
                             : *p == 'P' ? SECRET_ALNUM "!#$%&()*+,-./:;<=>?@[]^_{|}~"
                                         : NULL;

      if (*p == '{' || *p == '}')
        literal = *p == '{';
      else if (literal || alphabet == NULL)
        g_string_append_c (text, *p);
      else
        g_string_append_c (text, alphabet[g_rand_int_range (rand, 0, strlen (alphabet))]);
    }
  return g_string_free (text, FALSE);
}

#define SECRET_8(c) c c c c c c c c
#define SECRET_16(c) SECRET_8 (c) SECRET_8 (c)
#define SECRET_32(c) SECRET_16 (c) SECRET_16 (c)

/* Forms of services. Where a form has digits and letters at least one of both is sure. */
static const char *const secret_keys[]
    = { "{AKIA}" SECRET_16 ("U"),
        "{AIza}" SECRET_32 ("w") "www",
        "{ghp_}" SECRET_32 ("a") "aaaa",
        "{github_pat_}" SECRET_32 ("a") SECRET_32 ("a") SECRET_16 ("a") "aa",
        "{glpat-}" SECRET_16 ("w") "wwww",
        "{xoxb-}" SECRET_8 ("#") "####{-}" SECRET_16 ("a") "aaaaaaaa",
        "{sk-ant-api03-}" SECRET_32 ("w") SECRET_32 ("w") "aa",
        "{sk-}" SECRET_32 ("a") SECRET_16 ("a"),
        "{hf_}" SECRET_32 ("a") "aa",
        "{npm_}" SECRET_32 ("a") "aaaa",
        "{pypi-AgEIcHlwaS5vcmc}" SECRET_32 ("w") SECRET_32 ("w") "aa",
        "{sk_live_}" SECRET_16 ("a") "aaaaaaaa",
        "{dop_v1_}" SECRET_32 ("h") SECRET_32 ("h"),
        "{SG.}" SECRET_16 ("w") "wwwwww{.}" SECRET_32 ("w") "wwwwwwwwwaa",
        "{eyJ}" SECRET_16 ("a") "{.eyJ}" SECRET_32 ("a") "{.}" SECRET_32 ("a") "aaaaaaaaaaa" };

/* {} is the place of what is drawn. */
static const char *const secret_key_sentences[]
    = { "Our key is {}, please rotate it.",
        "export TOKEN={}",
        "{\"key\": \"{}\"}",
        "Der Schlüssel lautet {}.",
        "Use “{}” here.",
        "Nimm „{}“ dafür – sonst keinen.",
        "Key：{}",
        "log: a\\n{}\\nb",
        "curl -H 'X-Key: {}' https://api.example.org/v1",
        "{}" };

static const struct
{
  AttuneSecretKind kind;
  const char *form, *sentence;
} secret_others[] = {
  { ATTUNE_SECRET_PASSWORD, "pppppa#a", "postgresql://admin:{}@db.example.org:5432/ward" },
  { ATTUNE_SECRET_PASSWORD, "pppp#pppa", "Clone https://bot:{}@git.example.org/x.git first." },
  { ATTUNE_SECRET_PASSWORD, "aaaa#a", "mongodb+srv://root:{}@cluster0.example.net" },
  { ATTUNE_SECRET_PASSWORD, "pppppp#a", "Server=db1;Database=w;Uid=sa;Pwd={};Encrypt=yes" },
  { ATTUNE_SECRET_PASSWORD, "aaaaaaa#", "jdbc:mysql://h/db?user=app&password={}&ssl=true" },
  { ATTUNE_SECRET_PASSWORD, "ppppp#pa", "The password is {}, but do not tell anybody." },
  { ATTUNE_SECRET_PASSWORD, "aaaaaa#a", "Das Passwort lautet {}." },
  { ATTUNE_SECRET_PASSWORD, "ppppa#aa", "Login: nurse7\nPassword: {}\nWard 3" },
  { ATTUNE_SECRET_PASSWORD, "aaaa#pppa", "DB_PASSWORD=\"{}\"" },
  { ATTUNE_SECRET_PASSWORD, "aaapp#pa", "password: '{}'" },
  { ATTUNE_SECRET_PASSWORD, "aaPPPP#Pa", "Password: {}" },
  { ATTUNE_SECRET_PASSWORD, "aaPPPP#Pa", "\"password\": \"{}\"" },
  { ATTUNE_SECRET_PASSWORD, "aaPPPP#Pa", "Password: “{}”" },
  { ATTUNE_SECRET_PASSWORD, "aaPPPP#Pa", "„Passwort“: „{}“" },
  { ATTUNE_SECRET_PASSWORD, "aaaa{@}##aa", "postgres://app:{}@db:5432/x" },
  { ATTUNE_SECRET_PASSWORD, "a{@}aaa#aa", "postgres://app:{}@db/x?mail=a@b.org" },
  { ATTUNE_SECRET_PASSWORD, "aaa{/}aa#", "postgres://app:{}@db" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("a") SECRET_8 ("a"), "Secret access key: {}" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("a") "##a", "token: “{}”" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("h") "##a", "API key: {}" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("a") "##a", "client_secret={}" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("a") SECRET_8 ("a"), "aws_secret_access_key = {}" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("w") "##a", "Authorization: Bearer {}" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("a") "##a", "{\"access_token\": \"{}\", \"expires\": 3600}" },
  { ATTUNE_SECRET_KEY, SECRET_32 ("a") SECRET_32 ("a") "##{==}",
    "AccountName=x;AccountKey={};EndpointSuffix=core" },
  { ATTUNE_SECRET_PRIVATE_KEY,
    "{-----BEGIN RSA PRIVATE KEY-----\n}" SECRET_32 ("a")
        SECRET_32 ("a") "\n" SECRET_32 ("a") "{==\n-----END RSA PRIVATE KEY-----}",
    "My key:\n{}\nThanks." },
  { ATTUNE_SECRET_PRIVATE_KEY,
    "{-----BEGIN OPENSSH PRIVATE KEY-----\\n}" SECRET_32 ("a")
        SECRET_32 ("a") "{\\n-----END OPENSSH PRIVATE KEY-----}",
    "{\"private_key\": \"{}\\n\"}" },
  { ATTUNE_SECRET_PRIVATE_KEY,
    "{-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v1.4.11 (GNU/Linux)\n\n}" SECRET_32 (
        "a")
        SECRET_32 ("a") "\n" SECRET_32 ("a") "{==\n=}aaaa{\n-----END PGP PRIVATE KEY BLOCK-----}",
    "My key:\n{}\nThanks." },
  { ATTUNE_SECRET_PRIVATE_KEY,
    "{-----BEGIN PRIVATE KEY-----\n> }" SECRET_32 ("a")
        SECRET_32 ("a") "{\n> }" SECRET_32 ("a") "{==\n> -----END PRIVATE KEY-----}",
    "> {}\n> Thanks." },
  { ATTUNE_SECRET_PRIVATE_KEY,
    "{-----BEGIN PRIVATE KEY-----\\n\" +\n\"}" SECRET_32 ("a")
        SECRET_32 ("a") "{\\n\" +\n\"}" SECRET_32 ("a") "{==}",
    "key = \"{}\\n\" + rest" },
  { ATTUNE_SECRET_PRIVATE_KEY,
    "{AGE-SECRET-KEY-1}" SECRET_32 ("B") SECRET_16 ("B") SECRET_8 ("B") "BB", "{}" },
};

/* What looks like one: # is a digit, everything else stands for itself. */
static const char *const secret_none[] = {
  "The password must have 8 characters, a digit and a sign.",
  "Enter your password: it is case-sensitive.",
  "Password: required",
  "Password: ********",
  "password = get_password()",
  "password=$DB_PASSWORD",
  "Password: <your-password>",
  "postgresql://user:password@localhost/db",
  "https://example.org:8080/a/b@c",
  "See https://en.wikipedia.org/wiki/Password_(video_gaming)",
  "Das Passwort ist 2-stufig und wird nach 90 Tagen geändert.",
  "The secret is to keep the wound dry.",
  "The token is passed from node to node.",
  "One token: 4.# characters.",
  "Use sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx as a placeholder.",
  "AKIAIOSFODNN7EXAMPLE is the key of the manual.",
  "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a##",
  "commit 8f3e2a9b1c4d5e6f708192a3b4c5d6e7f8091a##",
  "UUID 123e4567-e89b-12d3-a456-4266141740##",
  "doi:10.1016/S0140-6736(20)30183-#",
  "The key finding: mortality fell by 12.#%.",
  "Key: A = normal, B = abnormal.",
  "The gene is ENSG000001390##, the protein P04637-2.",
  "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----",
  "A file that begins with “-----BEGIN PRIVATE KEY-----” is a private key.",
  "Key stage 2: token economy; secret: none.",
  "Die Kennwörter lagen in einer Schublade.",
  "pw: see the note on the board",
  "Sequence ATGCCGTAAGGCTTAACCGGATATCGCGATTAGCCA of exon 3.",
  "IL-6, TNF-alpha, HLA-DRB1*15:01, CYP2D6*4.",
  "Serum sodium: 1#5 mmol/l; access token required.",
  "Art. 6 (1) GDPR; password policy: NIST SP 800-63B.",
  "The api_key parameter is your API key.",
  "secret = os.environ[\"CLIENT_SECRET\"]",
  "Your password is incorrect!",
  "Your password was changed!!",
  "Dein Passwort ist falsch!",
  "Password: required!",
  "password = config.db_pass1",
  "password = load2(user, 1)",
  "Password: letters/digits; 8 or more",
  "Password: /etc/secret#/x",
  "The password is user’s own.",
  "Password: yourpassword#",
  "password: my-sample-#",
  "A PEM file starts with -----BEGIN PRIVATE KEY----- and holds the key in Base64, then the end "
  "line "
  "follows, -----END PRIVATE KEY-----, with more text behind it.",
  "The password of the ward was changed on 3.4.202#.",
  "Authorization: Bearer <token>",
};

typedef struct
{
  char *text;
  GArray *spans; /* AttuneSpan */
} LabelledSecret;

static inline void
labelled_secret_clear (LabelledSecret *self)
{
  g_free (self->text);
  g_array_unref (self->spans);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LabelledSecret, labelled_secret_clear)

static inline char *
secret_digits (GRand *rand, const char *text)
{
  char *drawn = g_strdup (text);

  for (char *p = drawn; *p != '\0'; p++)
    if (*p == '#')
      *p = '0' + g_rand_int_range (rand, 0, 10);
  return drawn;
}

/* @i: which sentence; beyond the last one they begin anew, with other draws. */
static inline void
labelled_secret_init (LabelledSecret *self, GRand *rand, guint i)
{
  const guint n_keys = G_N_ELEMENTS (secret_keys) * G_N_ELEMENTS (secret_key_sentences),
              n_others = G_N_ELEMENTS (secret_others) * 4,
              n = n_keys + n_others + G_N_ELEMENTS (secret_none) * 3;
  const char *form, *sentence, *place;
  AttuneSecretKind kind = ATTUNE_SECRET_KEY;
  g_autofree char *drawn = NULL;

  i %= n;
  self->spans = g_array_new (FALSE, FALSE, sizeof (AttuneSpan));
  if (i >= n_keys + n_others)
    {
      self->text
          = secret_digits (rand, secret_none[(i - n_keys - n_others) % G_N_ELEMENTS (secret_none)]);
      return;
    }
  if (i < n_keys)
    {
      form = secret_keys[i / G_N_ELEMENTS (secret_key_sentences)];
      sentence = secret_key_sentences[i % G_N_ELEMENTS (secret_key_sentences)];
    }
  else
    {
      const guint which = (i - n_keys) % G_N_ELEMENTS (secret_others);

      form = secret_others[which].form;
      sentence = secret_others[which].sentence;
      kind = secret_others[which].kind;
    }
  drawn = secret_draw (rand, form);
  place = strstr (sentence, "{}");
  self->text = g_strdup_printf ("%.*s%s%s", (int) (place - sentence), sentence, drawn, place + 2);
  attune_spans_add (self->spans, kind, place - sentence, place - sentence + strlen (drawn));
}
