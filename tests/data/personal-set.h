/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A labelled set for the finder of personal data: sentences as nurses, lawyers and support write
 * them, in English and German, with what is to be found drawn anew each time, its check digits
 * calculated here by their own definitions; and sentences with numbers and words that only look
 * like it.
 */
#pragma once
#include "data/personal-data.h"

#include <string.h>

typedef struct
{
  char *text;
  GArray *spans; /* AttunePersonalSpan: what is to be found */
} LabelledText;

static inline void
labelled_text_clear (LabelledText *self)
{
  g_free (self->text);
  g_array_unref (self->spans);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LabelledText, labelled_text_clear)

/* --- what is drawn */

#define PICK(rand, list) list[g_rand_int_range (rand, 0, G_N_ELEMENTS (list))]

static const char *const set_first[]
    = { "John", "Mary", "Aisha", "José", "Anneliese", "Karl-Heinz", "Siobhán", "Wei", "Łukasz" };
static const char *const set_last[] = { "Smith",  "O'Brien",       "Müller-Lüdenscheidt",
                                        "García", "von der Leyen", "Nguyen",
                                        "Yılmaz", "Kowalski",      "MacDonald" };

/* # is a digit, everything else stands for itself. */
static inline char *
set_digits (GRand *rand, const char *form)
{
  char *text = g_strdup (form);

  for (char *p = text; *p != '\0'; p++)
    if (*p == '#')
      *p = '0' + g_rand_int_range (rand, 0, 10);
  return text;
}

static inline char *
set_email (GRand *rand)
{
  static const char *const forms[]
      = { "j.smith##@example.org",       "anna_m+ward@mail.hospital.nhs.uk",
          "info@klinik-mitte.de",        "x##@a-b.co",
          "k.meier (at) praxis.example", "MAX.MUSTERMANN@GMX.NET" };

  return set_digits (rand, PICK (rand, forms));
}

static inline char *
set_phone (GRand *rand)
{
  static const char *const forms[]
      = { "+49 30 12#4567#",  "+1 (212) 555-01##", "(415) 555-2#7#",    "212-555-3#4#",
          "030 / 4#5 6#7 89", "0171-23#4567#",     "020 7946 0#5#",     "0800 #23 4567",
          "+44 20 7946 09##", "01 42 6# 3# 1#",    "0049 89 5#4 3#1-0", "+41 44 668 18 0#" };

  return set_digits (rand, PICK (rand, forms));
}

/* The two check digits of @country and @account by ISO 7064: 98 less the remainder of 97. */
static inline char *
set_iban (GRand *rand)
{
  static const char *const accounts[][2] = { { "DE", "##################" },
                                             { "GB", "NWBK##############" },
                                             { "FR", "####################P##" },
                                             { "NL", "ABNA##########" },
                                             { "CH", "#################" } };
  const int which = g_rand_int_range (rand, 0, G_N_ELEMENTS (accounts));
  g_autofree char *account = set_digits (rand, accounts[which][1]);
  g_autofree char *turned = g_strconcat (account, accounts[which][0], "00", NULL);
  GString *iban = g_string_new (NULL);
  const gboolean groups = g_rand_boolean (rand);
  guint rest = 0;

  for (const char *p = turned; *p != '\0'; p++)
    rest = g_ascii_isdigit (*p) ? (rest * 10 + *p - '0') % 97 : (rest * 100 + *p - 'A' + 10) % 97;
  g_string_printf (iban, "%s%02u%s", accounts[which][0], 98 - rest, account);
  for (gsize i = 4; groups && i < iban->len; i += 5)
    g_string_insert_c (iban, i, ' ');
  return g_string_free (iban, FALSE);
}

static inline char *
set_card (GRand *rand)
{
  static const char *const forms[]
      = { "4###-####-####-####", "4###############", "51## #### #### ####", "37## ###### #####" };
  char *card = set_digits (rand, PICK (rand, forms));
  guint sum = 0, place = 0;

  for (char *p = card + strlen (card) - 2; p >= card; p--) /* Luhn: the last one makes it 0 */
    if (g_ascii_isdigit (*p))
      {
        const guint twice = (*p - '0') * (place++ % 2 == 0 ? 2 : 1);

        sum += twice / 10 + twice % 10;
      }
  card[strlen (card) - 1] = '0' + (10 - sum % 10) % 10;
  return card;
}

/* Published examples of numbers with check digits; they belong to nobody. */
static inline char *
set_id (GRand *rand)
{
  static const char *const ids[]
      = { "943 476 5919",   "86 095 742 719", "A123456780",       "2 55 08 14 168 025 38",
          "12345678Z",      "X1234567L",      "RSSMRA85T10A562S", "756.9217.0769.85",
          "811218-9876",    "131052-308T",    "AB 12 34 56 C",    "219-09-9999",
          "65 170839 J 003" };

  return g_strdup (PICK (rand, ids));
}

static inline char *
set_ip (GRand *rand)
{
  static const char *const ips[]
      = { "192.0.2.17", "10.0.0.254", "2001:db8::8a2e:370:7334", "203.0.113.9", "fe80::1:2:3" };

  return g_strdup (PICK (rand, ips));
}

static inline char *
set_birth (GRand *rand)
{
  static const char *const dates[]
      = { "3.4.1962",      "03/04/1962",   "1962-04-03",      "12. 11. 1958", "3 April 1962",
          "April 3, 1962", "3. März 1962", "3rd of May 1950", "1/2/49" };

  return g_strdup (PICK (rand, dates));
}

static inline char *
set_name (GRand *rand)
{
  return g_rand_boolean (rand)
             ? g_strconcat (PICK (rand, set_first), " ", PICK (rand, set_last), NULL)
             : g_strconcat (PICK (rand, set_first), " ", PICK (rand, set_first), " Smith", NULL);
}

/* --- sentences: {} is the place of what is drawn */

static const struct
{
  AttunePersonalKind kind;
  char *(*draw) (GRand *rand);
  const char *sentence;
} set_true[] = {
  { ATTUNE_PERSONAL_EMAIL, set_email, "Please write to {}." },
  { ATTUNE_PERSONAL_EMAIL, set_email, "Contact:{}, or come by." },
  { ATTUNE_PERSONAL_EMAIL, set_email, "Die Adresse lautet <{}>; bitte notieren." },
  { ATTUNE_PERSONAL_PHONE, set_phone, "Call {} after five." },
  { ATTUNE_PERSONAL_PHONE, set_phone, "Erreichbar unter {} (bis 17 Uhr)" },
  { ATTUNE_PERSONAL_PHONE, set_phone, "The daughter, {}, was told." },
  { ATTUNE_PERSONAL_IBAN, set_iban, "Refund to {}, please." },
  { ATTUNE_PERSONAL_IBAN, set_iban, "IBAN: {}" },
  { ATTUNE_PERSONAL_CARD, set_card, "She paid with {} on Monday." },
  { ATTUNE_PERSONAL_CARD, set_card, "Card no. {}." },
  { ATTUNE_PERSONAL_ID, set_id, "Number {} is on the form." },
  { ATTUNE_PERSONAL_ID, set_id, "(ID {})" },
  { ATTUNE_PERSONAL_IP, set_ip, "The log shows {} at 10:15." },
  { ATTUNE_PERSONAL_IP, set_ip, "Gateway: {}" },
  { ATTUNE_PERSONAL_BIRTH, set_birth, "He was born on {} in Leeds." },
  { ATTUNE_PERSONAL_BIRTH, set_birth, "DOB: {}, admitted 4.5.2023" },
  { ATTUNE_PERSONAL_BIRTH, set_birth, "geb. {}, Aufnahme am 7.8.2024" },
  { ATTUNE_PERSONAL_BIRTH, set_birth, "Geburtsdatum {}" },
  { ATTUNE_PERSONAL_NAME, set_name, "Patient name: {}" },
  { ATTUNE_PERSONAL_NAME, set_name, "Mrs. {} was seen today." },
  { ATTUNE_PERSONAL_NAME, set_name, "Hello, my name is {}." },
  { ATTUNE_PERSONAL_NAME, set_name, "Room 4\nPatient: {}\nComplains of pain." },
  { ATTUNE_PERSONAL_NAME, set_name, "Patientenname: {}, Station 3" },
  { ATTUNE_PERSONAL_NAME, set_name, "Guten Tag, ich heiße {}." },
};

static const char *const set_false[] = {
  "Give 5 mg of morphine every 4 hours, at most 30 mg in 24 h.",
  "Sodium 1#5 mmol/l, potassium 4.# mmol/l, creatinine 0.9# mg/dl.",
  "Admitted on 3.4.202# and discharged on 12.4.202#.",
  "See chapter 3.1.4.1 and section 12.3.4.5 of the guide.",
  "Version 10.2.3.4 of the software fixes it.",
  "ISBN 978-3-16-148410-#, pages 120-134.",
  "Article 4006381333931 costs 12.50.",
  "The order 4111 1111 1111 1112 failed.", /* Luhn is wrong */
  "Blood pressure 120/80, pulse 7#, saturation 9# %.",
  "Invoice 2023-0004-57## of 12/03/2023.",
  "Between 10:15 and 11:45:30 nothing happened.",
  "Eine Frau Mitte 40 mit Schmerzen, ein Herr Ende 60.",
  "Brand name: Tylenol. Drug name: Paracetamol.",
  "Patient: Good morning, I feel better.",
  "Frage: Was ist Gicht? Antwort: Eine Krankheit.",
  "MS is treated differently from ALS; Mr is a form of address.",
  "Born in 1962 and raised in Leeds.",
  "The gene BRCA1 lies at 17:43044295.",
  "Dosage: 1-0-1 for 14 days, then 0-0-1.",
  "Call the doctor when the fever is over 39.5 for 3 days.",
  "In C++ std::vector and ab::cd are names.",
  "ICD-10 code I21.9, LOINC 2345-7, SNOMED 22298006.",
  "DE89 3704 0044 0532 0130 01 is mistyped.", /* MOD 97 is wrong */
  "The ratio is 1:2, 3:4 or 5:6; see figure 2.1.",
  "Alzheimer, Parkinson and Crohn described diseases.",
  "Postcode 10115 Berlin, box 12 34 56.",
  "Press *123# or 112 in an emergency.",
  "2,345,678 people and 1 234 567 others.",
  "Pi is 3.14159265358979 and e is 2.718281828.",
  "The court decided 1 BvR 16/13 on 6 November 2019.",
  "§ 823 BGB; Art. 6 (1) GDPR; 42 U.S.C. § 1983.",
  "Der Termin am 01.02.2024 um 10:30 Uhr, Raum 030.",
  "Note: Aspirin. Name the drug. Contact: dermatitis.",
  "Metformin 500/850/1000 mg, codeine 300/600/1200 mg, start with 250-500-1000 mg.",
  "White cell count 12000, red cell distribution width 11.5-14.5.",
  "NDC 0173-0682-20 or NDC 00173-0682-20, PZN 0123 4567 89, lot 0171-23456.",
  "Lactate dehydrogenase, EC 1.1.1.27. See table 3.1.4.1, § 1.2.3.4, Ziffer 4.2.1.3.",
  "Name: Metformin\nClass: biguanide",
  "What to Do If You Miss Your Dose",
  "NATO, founded 4 April 1949, has its seat in Brussels.",
  "Born at term. Given Augmentin 1g",
  "Born at term. Given Novalgin 1",
  "The birth plan names NovoRapid 8E",
  "Call when the platelets are below 150000.",
};

/* @i: which sentence; beyond the last one they begin anew, with other draws. */
static inline void
labelled_text_init (LabelledText *self, GRand *rand, guint i)
{
  const guint n_true = G_N_ELEMENTS (set_true), n = n_true + G_N_ELEMENTS (set_false);

  self->spans = g_array_new (FALSE, FALSE, sizeof (AttunePersonalSpan));
  if (i % n >= n_true)
    {
      self->text = set_digits (rand, set_false[i % n - n_true]);
      return;
    }
  {
    g_autofree char *drawn = set_true[i % n].draw (rand);
    const char *sentence = set_true[i % n].sentence, *place = strstr (sentence, "{}");
    const AttunePersonalSpan span
        = { set_true[i % n].kind, place - sentence, place - sentence + strlen (drawn) };

    self->text = g_strdup_printf ("%.*s%s%s", (int) (place - sentence), sentence, drawn, place + 2);
    g_array_append_val (self->spans, span);
  }
}
