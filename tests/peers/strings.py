# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that is hard on a tokenizer: STRINGS for the golden file, lines() for as many more as are wanted.
No NUL (C strings end there) and no character newer than Unicode 13 (the libraries' tables differ beyond)."""
import random
import unicodedata

WORDS = """aorta myocarditis electroencephalogram pneumonoultramicroscopicsilicovolcanoconiosis otorhinolaryngology
hypoparathyroidism thrombocytopenia cholecystectomy glomerulonephritis Staphylococcus aureus amoxicillin/clavulanate
β-blocker naïve café façade Müller Straße coöperate résumé piñata Łódź Đà Nẵng Ørsted İstanbul straße ﬁne ﬂow
don't I'm you're we've they'll she'd it's CAN'T DON'T I'M o'clock rock'n'roll 'tis O'Neill 's 't 're 've 'm 'll 'd 'S 'T
HbA1c T2DM COVID-19 IL-6 CD4+ pH7.4 mg/dL µg/ml 10^9/L 37.5°C 120/80mmHg b.i.d. q.i.d. p.o. PRN e.g., i.e. et al.""".split()

PLAIN = """The quick brown fox jumps over the lazy dog.
What is the meaning of "myocardial infarction"?
An infarct is an area of tissue death due to a local lack of oxygen.
Patient: 54 y/o male, c/o chest pain x 3 days; BP 145/92, HR 101, SpO2 94% RA.
Take 1 tablet (500 mg) by mouth every 8 hours for 10 days.
I can't believe it's not butter; they've said we'll see, but you're sure he'd go.
I CAN'T BELIEVE IT'S NOT BUTTER; THEY'VE SAID WE'LL SEE.
Don’t use “curly” quotes ‘here’—or do…
An em—dash, an en–dash, a hyphen-minus, a non‑breaking hyphen.
Dr. Smith's patients' charts weren't in Mr. Jones' office.
https://www.example.org/path/to/file.html?query=1&other=%20x#fragment
someone@example.com, +49 (0)30 123456-78
C:\\Users\\name\\file.txt /usr/share/doc ~/.config ../../up
3.14159265358979323846 2.718281828 6.02214076e23 -273.15 1,234,567.89 1_000_000
0 00 000 1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890
31415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679
2024-02-29T23:59:59.999+01:00
v1.2.3-rc.4+build.5
0xDEADBEEF 0b1010 0o777 1e-5 .5 5. 1/2
1st 2nd 3rd 4th 21st-century 1990s 80's
a1b2c3d4 x86_64 H2O CO₂ E=mc² x¹⁰ ½ ¾ ⅓ Ⅳ ⅷ ① ㉈ ٣٤٥ १२३ ๑๒๓ 一二三 〇 𝟘𝟙𝟚
int main(void) { return 0; }
for (int i = 0; i < n; i++) sum += a[i] * b[i];
#include <stdio.h>
def f(x, *args, **kwargs): return x if x is not None else f(*args)
SELECT * FROM patients WHERE age >= 65 AND name LIKE '%son';
<div class="a b">text &amp; more</div><!-- comment -->
{"key": [1, 2.5, null, true], "nested": {"a": "b\\n"}}
$ grep -rn 'foo\\|bar' . | sort -u > out.txt 2>&1
if [ -f "$HOME/.bashrc" ]; then . "$HOME/.bashrc"; fi
\\begin{equation} \\frac{a}{b} = \\sqrt{c^2} \\end{equation}
print(f"{x!r:>10}")
a=b==c===d!=e!==f<=g>=h&&i||j??k?.l=>m->n::o
(((((())))) [[[[]]]] {{{{}}}} <<<<>>>>
!!! ??? ... --- *** ___ ~~~ ``` ''' \"\"\" ### $$$ %%% ^^^ &&& +++ === ||| \\\\\\ ///
!@#$%^&*()_+-=[]{}|;':",./<>?`~
|---|:--|--:|:-:|
- [ ] task - [x] done
> quoted
# Heading
**bold** *italic* `code` ~~gone~~ [link](url) ![image](src)
The Ministry of Health; Ärzte ohne Grenzen; Médecins Sans Frontières
Die Hauptschlagader führt sauerstoffreiches Blut vom Herzen weg.
L'infarctus du myocarde, c'est-à-dire la mort d'une partie du cœur, n'est-ce pas ?
¿Cuál es la presión arterial? ¡Está muy alta!
Qual é a dosagem? Não há contraindicações.
Qual è la posologia? È più di così.
Hvad er blodtrykket? Åh, æbler og øl.
Hur mår du? Jag är trött.
Mikä on verenpaine? Hyvää yötä.
Jakie jest ciśnienie krwi? Zażółć gęślą jaźń.
Jaký je krevní tlak? Příliš žluťoučký kůň úpěl ďábelské ódy.
Mennyi a vérnyomás? Árvíztűrő tükörfúrógép.
Care este tensiunea arterială? Țară și școală.
Kan basıncı nedir? Iğdır, ılık, İzmir.
Huyết áp là bao nhiêu? Tiếng Việt có dấu.
Какое артериальное давление? Съешь ещё этих мягких французских булок.
Який артеріальний тиск? Їжак ґанок.
Ποια είναι η αρτηριακή πίεση; Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.
ما هو ضغط الدم؟ اللغة العربية جميلة.
مَا هُوَ ضَغْطُ الدَّمِ
مهٔ بزرگ می‌خواهم
מהו לחץ הדם? שָׁלוֹם עוֹלָם
रक्तचाप क्या है? हिन्दी में लिखें।
রক্তচাপ কত? বাংলা ভাষা
இரத்த அழுத்தம் என்ன?
రక్తపోటు ఎంత?
ರಕ್ತದೊತ್ತಡ ಎಷ್ಟು?
രക്തസമ്മർദ്ദം എത്രയാണ്?
ความดันโลหิตเท่าไหร่ ภาษาไทย
ຄວາມດັນເລືອດ
သွေးပေါင်ချိန်
សម្ពាធឈាម
血压是多少？高血压患者应该减少盐的摄入。
血壓是多少？
血圧はどのくらいですか？カタカナとひらがな、漢字。
혈압이 얼마입니까? 한국어 텍스트.
არტერიული წნევა
արյան ճնշում
የደም ግፊት
ᠮᠣᠩᠭᠣᠯ
བོད་སྐད།
ᏣᎳᎩ
😀 😃 😄 🙂 🙃 😉
❤️ ❤ ☀️ ☀ ™ © ® ✓ ✔️ ✗ ★ ☆ → ← ↑ ↓ ⇒ ∀ ∃ ∈ ∑ ∫ √ ∞ ≤ ≥ ≠ ≈ ±
👩‍⚕️ 👨‍👩‍👧‍👦 🏳️‍🌈 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪🇫🇷 👍🏽 🤦🏿‍♂️
🩺💊💉🧬🦠🩹🫀🫁
I❤️NY and 5️⃣ stars⭐⭐⭐
e\u0301 \u00e9 n\u0303 \u00f1 A\u030a \u00c5 \u212b o\u0308\u0304
Zalgo: H\u0335\u0321\u0322e\u0336\u0315l\u0337\u0301l\u0338\u0300o\u0334\u0302
zero\u200bwidth\u200cjoin\u200der\u2060word\ufeffbom
\ufeffstarts with a byte order mark
soft\u00adhyphen
left\u200eto\u200fright\u202amark\u202cs\u2066iso\u2069
no\u00a0break\u202fspace\u2007figure\u2009thin\u200ahair\u3000wide\u1680ogham\u205fmath
line\u2028separator\u2029paragraph\u0085next
bell\u0007 escape\u001b[31mred\u001b[0m delete\u007f unit\u001f
\u0001\u0002\u0003\u0004\u0005\u0006\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017
\u0080\u0081\u0082\u0090\u009f
\ufffd replacement \ufffe\uffff noncharacters
\U0001d4d0\U0001d4d1\U0001d4d2 \U00010348 \U0001f9ec \U000e0001 \U000f0000 \U00100000 \U0010ffff
𠜎𠜱𠝹 㐀 㒨
ａｂｃ １２３ ！？ ｶﾀｶﾅ
<|im_start|>
<|im_end|>
<|endoftext|>
<|im_start|>user
hello<|im_end|>
<|im_start|>assistant<|im_end|><|endoftext|>
a<|im_start|>b<|im_end|>c
a <|im_start|> b <|im_end|> c
  <|im_end|>  
<|im_end|><|im_end|><|im_end|>
< |im_start| > <|im_start> <im_start|> <|IM_START|> <|im_start|
<<|im_end|>> |<|im_end|>| <|im_start|>5<|im_end|>
<|im_start|><|im_start
<repo_name> <reponame> <file_sep> <filename> <gh_stars> <issue_start> <issue_comment> <issue_closed>
<jupyter_start> <jupyter_text> <jupyter_code> <jupyter_output> <jupyter_script> <empty_output>
[INST] <s> </s> <unk> <pad> <bos> <eos> <|user|> <|system|> <think>""".split("\n")

SPACES = ["", " ", "  ", "   ", "    ", "     ", " " * 8, " " * 16, " " * 17, " " * 100, "\t", "\t\t", "\t\t\t", "\n",
          "\n\n", "\n\n\n", "\n" * 20, "\r\n", "\r\n\r\n", "\r", "\v", "\f", " \n", "\n ", " \n ", "\t\n\t", "  \n\n  ",
          " \t \t ", "a ", " a", " a ", "  a", "a  ", "  a  ", "a\n", "\na", "a\n\nb", "a \nb", "a\n b", "a  \n  b",
          "a\tb", "a\t b", "a \tb", "a\r\nb", "a\u00a0b", "a \u00a0b", "a\u00a0 b", "a\u3000b", "a \u3000 b", "a   b",
          "a    b    c", "1 2", "1  2", " 1", "  1", "1 ", "1  ", "1 a", "a 1", "a  1", "a1", "1a", " 1 ", "12 34",
          ".", " .", "  .", ". ", ".  ", ". a", ".a", " .a", "a .", "a. b", "a.  b", "a.\nb", "a.\n\nb",
          "def f():\n    return 1\n", "if x:\n\tpass\n\n\n", "\tint a;\n\t\tint b;\n", "a:\n  - b\n  - c\n\n# d",
          "user\n  Hello", "user\n\nHello", "user\nHello", "user\n Hello", "user\n", "user\n ", "assistant\n\t1"]


def generated(rng):
    """One string out of words, signs, white space, numbers and any characters at all."""
    pools = [lambda: rng.choice(WORDS), lambda: rng.choice(SPACES), lambda: rng.choice(PLAIN),
             lambda: str(rng.randrange(10 ** rng.randrange(1, 15))),
             lambda: "".join(rng.choice("!?.,;:'\"-_/\\|<>()[]{}@#$%^&*~`+=") for _ in range(rng.randrange(1, 6))),
             lambda: "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
                             for _ in range(rng.randrange(1, 12))),
             lambda: "".join(chr(rng.choice([rng.randrange(0x20, 0x7f), rng.randrange(0xa1, 0x250),
                                             rng.randrange(0x391, 0x3a1), rng.randrange(0x410, 0x450),
                                             rng.randrange(0x4e00, 0x9f00), rng.randrange(0x1f600, 0x1f640),
                                             rng.randrange(0xac00, 0xd7a0)])) for _ in range(rng.randrange(1, 8)))]
    return "".join(rng.choice(pools)() + rng.choice(["", " ", " ", " "]) for _ in range(rng.randrange(1, 7)))


# The letters of many scripts, signs, marks and emoji: blocks of characters no newer than Unicode 13.
BLOCKS = [(0x20, 0x7e), (0xa1, 0x17f), (0x180, 0x24f), (0x250, 0x2ff), (0x300, 0x36f), (0x391, 0x3a1), (0x3a3, 0x3ff),
          (0x400, 0x4ff), (0x531, 0x556), (0x561, 0x587), (0x5d0, 0x5ea), (0x621, 0x64a), (0x64b, 0x65f), (0x660, 0x669),
          (0x905, 0x939), (0x93e, 0x94d), (0x966, 0x96f), (0x985, 0x98c), (0xe01, 0xe3a), (0xe40, 0xe5b), (0x10d0, 0x10fa),
          (0x1100, 0x1112), (0x1200, 0x1248), (0x1e00, 0x1eff), (0x1f00, 0x1f15), (0x2010, 0x2027), (0x2030, 0x205e),
          (0x2070, 0x2071), (0x20a0, 0x20bf), (0x2100, 0x218b), (0x2190, 0x23ff), (0x2460, 0x24ff), (0x2600, 0x27bf),
          (0x3001, 0x303f), (0x3041, 0x3096), (0x30a1, 0x30fe), (0x4e00, 0x9fef), (0xac00, 0xd7a3), (0xf900, 0xfa6d),
          (0xfb00, 0xfb06), (0xff01, 0xffdc), (0x10330, 0x1034a), (0x1d400, 0x1d454), (0x1f300, 0x1f5ff), (0x1f600, 0x1f64f)]
SPACE = ["\n", "\n\n", "\r\n", "\t", " ", "  ", "   ", "\u00a0", "\u3000", "\u2028", "\x85", "\v", "\f", " \n", "\n  ", "\r"]
SHORT_FORMS = ["'s", "'S", "'ll", "'LL", "'re", "'Ve", "'d", "'M", "'t", "'\u017f", "'"]


def letters(rng):
    """A word of one block, as words are, or of two."""
    blocks = rng.choices(BLOCKS, k=rng.choice([1, 1, 1, 2]))
    return "".join(chr(rng.randint(*rng.choice(blocks))) for _ in range(rng.randrange(1, 9)))


def anything(rng):
    """Characters of all planes, those that mean nothing yet too old for the libraries' tables to differ."""
    while True:
        text = "".join(chr(rng.choice([rng.randrange(0x20, 0x3000), rng.randrange(0x10000, 0x1f000)])) for _ in range(4))
        if all(unicodedata.ucd_3_2_0.category(c) != "Cn" for c in text):
            return text


def texts(n, seed):
    """@n generated strings with all kinds of white space in them."""
    rng = random.Random(seed)
    pools = [generated, letters, letters, letters, anything, lambda r: r.choice(SPACE), lambda r: r.choice(SHORT_FORMS),
             lambda r: r.choice(PLAIN), lambda r: str(r.randrange(10 ** r.randrange(1, 9)))]
    for _ in range(n):
        yield "".join(rng.choice(pools)(rng) + rng.choice(["", "", " "]) for _ in range(rng.randrange(1, 6)))


def lines(n, seed):
    """@n generated strings, none with a line break inside: for programs that read a line at a time."""
    rng = random.Random(seed)
    for _ in range(n):
        text = generated(rng)
        for sign in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029":
            text = text.replace(sign, " ")
        yield text


def unique(strings):
    return list(dict.fromkeys(strings))


# What stands above, and generated ones up to 400.
_rng = random.Random(20)
STRINGS = unique(SPACES + PLAIN + WORDS + ["\n".join(PLAIN[:4]), " ".join(WORDS[:30])])
STRINGS = unique(STRINGS + [generated(_rng)[:300] for _ in range(420 - len(STRINGS))])
