#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes medical-terms.csv, the sample data, from the glosses of WordNet 3.0.

    ./make-medical-terms.py /usr/share/wordnet     (Debian: package wordnet-base)

The flaws of real raw data are left in on purpose, so that cleaning has work to do; README.md
counts them. Every choice is drawn from a hash, never from a clock or a random generator, so
that the same dictionary gives the same bytes everywhere.
"""
import csv
import hashlib
import io
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent

# A topic holds what lies below its roots (lemma.sense); the first topic that has a synset keeps it.
# Rows: how many terms are taken at most.
TOPICS = [
    ("disease", 560, "inflammation.1 ill_health.1 abnormalcy.1 disorder.1 embolism.1 hyperplasia.1"
                     " cerebrovascular_accident.1 syndrome.2"),
    ("symptom", 150, "symptom.1"),
    ("procedure", 250, "medical_procedure.1 medical_care.1 diagnostic_procedure.1 diagnostic_test.1 imaging.2"
                       " centesis.1 resuscitation.1 roentgenogram.1 cardiogram.1 electroencephalogram.1"
                       " electromyogram.1 blood_count.1"),
    ("medicine", 270, "medication.1 vaccine.1 anesthetic.1"),
    ("anatomy", 310, "body_part.1 blood_cell.1"),
    ("substance", 130, "body_substance.1 antibody.1 vitamin.1 enzyme.1 hemoprotein.1 c-reactive_protein.1"
                       " prostate_specific_antigen.1"),
    ("measurement", 20, "vital_sign.1 blood_pressure.1 heart_rate.1 body_mass_index.1 basal_metabolic_rate.1"
                        " erythrocyte_sedimentation_rate.1"),
    ("specialty", 90, "medical_science.1 medical_specialist.1"),
    ("instrument", 70, "medical_instrument.1 prosthesis.1 intrauterine_device.1"),
    ("facility", 15, "medical_building.1 intensive_care_unit.1"),
]
WITHOUT = "plant_disease.1 animal_disease.1 plant_process.1 tail.1 hoof.1".split()
SYNONYMS = 130  # second names with the same answer

EXACT, NEAR, SPACES, NO_BREAK, ZERO_WIDTH, ENTITIES, SHORTHAND = 60, 40, 120, 30, 12, 40, 60

# Bodies of animals, jokes, slurs and words that a reader would stumble over.
NOT_IN_GLOSS = re.compile(
    r"\b(animals?|horses?|cattle|sheep|dogs?|cats?|birds?|insects?|fish(es)?|plants?|cows?|arthropods?"
    r"|crustaceans?|reptiles?|invertebrates?|mollus[ck]s?|quadrupeds?|ruminants?|amphibians?|fowls?|bees?"
    r"|snakes?|slang|informal|vulgar|obscene|offensive|derogatory|archaic|obsolete|humorous|jocular)\b", re.I)
NOT_IN_TERM = re.compile(
    r"\b(mongol|idiot|imbecil|moron|cretin|retard|feeble|insan|lunacy|queer|perver|homosex|nympho|satyr"
    r"|frigid|hangover|blue devils|butt|arse|tit|teat|boob|beard|mustache|hair|whisker|cunt|twat|pussy|dick"
    r"|fart|turd|shit|piss|crap|snot|quack|castrat|cripple|lameness|hare ?lip|spastic|crazy|deaf-mute?"
    r"|Montezuma|Passion of|love bite|shiner|animal|arista|blowhole|chelicera|taret|(cancer|tobacco) juice"
    r"|(black|yellow) bile|(face|toilet) powder|lip balm|double chin|crack-up|tin ear|sex-change|transsexual"
    r"|alienist|(baby|brain|ear) doctor|spaying|Protropin|fossorial|(milk )?whey|type B|chrism|cloze|creche"
    r"|sword-cut|chicken breast|pigeon breast|slobber|lifeblood|foundling|lie detector|Sachs disease)", re.I)

PHRASINGS = ["What is {}?"] * 3 + [
    "Define {}.", "What does the term {} mean?", "Explain the medical term {}.", "What is meant by {}?",
    "In medicine, what is {}?", "Give a short definition of {}."]
NOTES = {  # how staff write in a hurry; the abbreviations are in abbreviations-medical.csv
    "disease": ["pt with hx of {}: what is that?", "dx {}: what does it mean?"],
    "symptom": ["pt c/o {}: what is that?", "What kind of sx is {}?"],
    "procedure": ["pt booked for {}: what is that?", "What kind of tx is {}?"],
    "medicine": ["rx for {}: what is it?", "pt takes {}: what is it?"]}


def draw(*key):
    """A number that depends on the key only."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, key)).encode()).digest()[:8], "big")


class WordNet:
    """The nouns: synsets (words, pointers, gloss) by offset, and the senses of each word."""

    def __init__(self, folder):
        self.synsets, self.senses, self.below = {}, {}, defaultdict(list)
        for line in (folder / "index.noun").read_text("utf-8").splitlines():
            if not line.startswith(" "):  # the licence stands at the head of the file
                f = line.split()
                self.senses[f[0]] = f[-int(f[2]):]
        for line in (folder / "data.noun").read_text("utf-8").splitlines():
            if not line.startswith(" "):
                self.add(*line.split(" | ", 1))

    def add(self, head, gloss):
        f = head.split()
        n = int(f[3], 16)
        pointers = [f[i:i + 4] for i in range(5 + 2 * n, 5 + 2 * n + 4 * int(f[4 + 2 * n]), 4)]
        # ";u" marks usage: slang, slurs and trade names; on the whole synset (00) or on one word of it.
        marked = {int(p[3][:2], 16) for p in pointers if p[0] == ";u"}
        words = [w.replace("_", " ") for i, w in enumerate(f[4:4 + 2 * n:2], 1)
                 if not marked & {0, i}]
        self.synsets[f[0]] = (words, gloss.strip())
        for symbol, target, _, _ in pointers:
            if symbol == "@":  # not "@i": an instance is a person or a place
                self.below[target].append(f[0])

    def walk(self, roots, seen):
        """What lies below the roots and is not in seen, in the order of the file; adds it to seen."""
        found, todo = [], [self.senses[r.split(".")[0]][int(r.split(".")[1]) - 1] for r in roots]
        while todo:
            offset = todo.pop()
            if offset not in seen:
                seen.add(offset)
                found.append(offset)
                todo += self.below[offset]
        return sorted(found)

    def is_first_sense(self, word, offset):
        """Whether the word alone is understood as this synset."""
        return self.senses[word.lower().replace(" ", "_")][0] == offset


def answer_of(gloss):
    """The gloss as a sentence without its examples; None where it is no good answer."""
    text = re.sub(r';?\s*"[^"]*"(\s*-\s*[A-Z][\w. ]*)?', "", gloss)
    text = re.sub(r"^\((?!trade)[a-z ,]*\)\s*", "", text)
    text = re.sub(r"\s+", " ", text).strip(" ;:,")
    while len(text.split()) > 28 and ";" in text:
        text = text.rsplit(";", 1)[0].rstrip()
    if not 4 <= len(text.split()) <= 28 or re.search(r'["`]', text) or text.count("(") != text.count(")"):
        return None
    if NOT_IN_GLOSS.search(text):
        return None
    return text[0].upper() + text[1:].rstrip(".") + "."


def is_term(word, topic):
    if NOT_IN_TERM.search(word) or re.search(r"[\d.]", word):
        return False
    if sum(c.isupper() for c in word.split()[0]) > 1 or len(word) < 4:  # an abbreviation
        return False
    return topic != "medicine" or " " in word or word[0].islower()  # a trade name


def load_abbreviations():
    """Those in capitals with what they mean where no context says otherwise, longest expansion first: they may stand for
    a part of a term."""
    with open(HERE / "abbreviations-medical.csv", encoding="utf-8", newline="") as file:
        pairs = [(r["abbreviation"], r["expansion"]) for r in csv.DictReader(file) if not r["context"]]
    return sorted((p for p in pairs if p[0][0].isupper()), key=lambda p: (-len(p[1]), p))


def abbreviate(term, abbreviations):
    for short, long in abbreviations:
        if re.search(rf"(?<![\w-]){re.escape(long)}(?![\w-])", term):
            return re.sub(rf"(?<![\w-]){re.escape(long)}(?![\w-])", short, term)
    return term


def choose(wordnet, abbreviations):
    """(chosen, spare): lists of (term, answer, topic, is_synonym); no term twice."""
    seen, taken, answers, chosen, spare, synonyms = set(), set(), set(), [], [], []
    wordnet.walk(WITHOUT, seen)
    for topic, most, roots in TOPICS:
        entries = []
        for offset in wordnet.walk(roots.split(), seen):
            words, gloss = wordnet.synsets[offset]
            answer = answer_of(gloss)
            words = [w for w in words if is_term(w, topic) and wordnet.is_first_sense(w, offset)
                     and w.lower() not in taken]
            if not words or not answer or answer in answers:
                continue
            answers.add(answer)
            taken.update(w.lower() for w in words)
            words.sort(key=lambda w: abbreviate(w, abbreviations) == w)  # stable: else the order of WordNet
            has_short = abbreviate(words[0], abbreviations) != words[0]
            entries.append((not has_short, draw("term", words[0]), words, answer))
        entries.sort()
        chosen += [(e[2][0], e[3], topic, False) for e in entries[:most]]
        spare += [(e[2][0], e[3], topic, False) for e in entries[most:]]
        # Two spellings of one word (tumor, tumour) are no second name.
        synonyms += [(w, e[3], topic, True) for e in entries[:most] for w in e[2][1:2]
                     if w[:4].lower() != e[2][0][:4].lower()]
    synonyms.sort(key=lambda s: draw("synonym", s[0]))
    return chosen + synonyms[:SYNONYMS], spare


def ask(entry, abbreviations, counts):
    """The row of an entry; a term that has a common abbreviation is asked for by it."""
    term, answer, topic, _ = entry
    short = abbreviate(term, abbreviations)
    counts["abbreviated terms"] += short != term
    return [PHRASINGS[draw("phrasing", term) % len(PHRASINGS)].format(short), answer, topic]


def roughen(rows, plain, counts):
    """Leaves stray characters in rows; plain is the order to draw rows from, each used once."""
    spaces = ["  ", "   ", "\t"]
    for i in range(SPACES):
        row, column = rows[plain.pop()], i % 2
        words, gap = row[column].split(" "), spaces[i % 3]
        where = draw("gap", row[0]) % (len(words) - 1) + 1
        row[column] = [gap + row[column], row[column] + gap,
                       " ".join(words[:where]) + gap + " ".join(words[where:])][i // 2 % 3]
    for i in range(NO_BREAK):
        row, column = rows[plain.pop()], i % 2
        row[column] = ["\u00a0" + row[column], row[column] + "\u00a0",
                       row[column].replace(" ", "\u00a0", 2)][i // 2 % 3]
    for i in range(ZERO_WIDTH):
        row, mark = rows[plain.pop()], ["\u200b", "\ufeff", "\u2060"][i % 3]
        row[0] = row[0].replace(" ", " " + mark, 1) if i % 2 else mark + row[0]
    swaps = [("'", "&#39;"), (" and ", " &amp; "), (" (", "&nbsp;("), ("--", "&mdash;")]
    for pattern, entity in swaps * (ENTITIES // len(swaps)):
        # Few rows have a dash or an apostrophe; where none is left, any row takes a hard space.
        at = next((p for p in reversed(plain) if pattern in rows[p][1]), None)
        if at is None:
            at, pattern, entity = plain[-1], " ", "&nbsp;"
        plain.remove(at)
        rows[at][1] = rows[at][1].replace(pattern, entity, 1)
        counts["HTML entities"] += 1
    counts.update({"stray spaces and tabs": SPACES, "no-break spaces": NO_BREAK, "zero-width characters": ZERO_WIDTH})


def note_down(rows, entries, plain, counts):
    """Asks for some terms in the shorthand of notes."""
    for at in [p for p in reversed(plain) if entries[p][2] in NOTES][:SHORTHAND]:
        term, _, topic, _ = entries[at]
        rows[at][0] = NOTES[topic][draw("note", term) % 2].format(term)
        plain.remove(at)
        counts["questions in shorthand"] += 1


def repeat(rows, plain, counts):
    """(exact, near): copies of rows, and copies that differ in case or white space only."""
    exact = [list(rows[i]) for i in sorted(range(len(rows)), key=lambda i: draw("exact", rows[i][0]))[:EXACT]]
    near = []
    for i in range(NEAR):
        question, answer, topic = rows[plain.pop()]
        near.append([[question.upper(), answer, topic], [question.lower(), answer.lower(), topic],
                     [question.replace(" ", "  "), answer, topic], [question.title(), answer + " ", topic]][i % 4])
    counts.update({"exact duplicates": EXACT, "near duplicates": NEAR})
    return exact, near


def break_rows(spare):
    """Lines that are no good rows, of terms that no other row has. Each spoils its own line only: a
    quote inside an unquoted field opens nothing, so that the line still ends where it ends."""
    easy = sorted((s for s in spare if not re.search('[,"]', s[0] + s[1])), key=lambda s: draw("broken", s[0]))
    t, a, p, _ = zip(*easy[:8])
    return [f"What is {t[0]}?,,{p[0]}",                    # no answer
            f",{a[1]},{p[1]}",                             # no question
            f"Define {t[2]}.",                             # one column
            f"What is {t[3]}?,{a[3]},{p[3]},checked,2",    # five columns
            f"What is {t[4]}?,{a[4]}",                     # two columns
            f"What is {t[5]}?,\"   \",{p[5]}",             # an answer of blanks
            f"What is \"{t[6]}?,{a[6]},{p[6]}",            # a quote that is never closed
            f"   ,{a[7]},{p[7]}"]                          # a question of blanks


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    abbreviations, counts = load_abbreviations(), Counter()
    entries, spare = choose(WordNet(Path(sys.argv[1])), abbreviations)
    entries.sort(key=lambda e: draw("order", e[0]))
    rows = [ask(e, abbreviations, counts) for e in entries]
    plain = sorted((i for i, e in enumerate(entries) if abbreviate(e[0], abbreviations) == e[0]),
                   key=lambda i: draw("flaw", entries[i][0]))
    counts["terms"], counts["synonyms"] = len(entries), sum(e[3] for e in entries)
    roughen(rows, plain, counts)
    note_down(rows, entries, plain, counts)
    exact, near = repeat(rows, plain, counts)
    lines = []
    for row in rows + exact + near:
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(row)
        lines.append(out.getvalue())
    # Copies and broken rows stand anywhere after the first hundred lines, as in a file that grew.
    broken = break_rows(spare)
    late = lines[len(rows):] + broken
    lines = lines[:len(rows)]
    for line in late:
        lines.insert(100 + draw("place", line) % (len(lines) - 100), line)
    counts["broken rows"], counts["lines"] = len(broken), len(lines)
    (HERE / "medical-terms.csv").write_text("question,answer,topic\n" + "\n".join(lines) + "\n", "utf-8", newline="\n")
    for name, n in sorted(counts.items()):
        print(f"{n:6} {name}")


if __name__ == "__main__":
    main()
