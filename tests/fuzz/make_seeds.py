# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the seeds in tests/fuzz/inputs/ from what other tests have: small files of every kind.  What a fuzz run found, and is
kept there under a name of its own, stays."""
import base64
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
sys.path.insert(0, str(HERE.parent / "text"))


def write(target, name, data):
    folder = HERE / "inputs" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data)


def named(text):
    return "".join(c if c.isalnum() else "-" for c in text)


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def strings(values):
    return struct.pack("<IIQ", 9, 8, len(values)) + b"".join(map(string, values))


def gguf(template):
    """A Llama of one layer and four dimensions, f32, with a vocabulary of single bytes."""
    letters = [chr(b) for b in (*range(33, 127), *range(161, 173), *range(174, 256))] + [chr(256 + i) for i in range(68)]
    tokens = [*letters, "ab", "<s>", "</s>"]
    u32, f32 = (lambda v: struct.pack("<II", 4, v)), (lambda v: struct.pack("<If", 6, v))
    keys = {
        "general.architecture": struct.pack("<I", 8) + string("llama"),
        "llama.block_count": u32(1), "llama.context_length": u32(16), "llama.embedding_length": u32(4),
        "llama.feed_forward_length": u32(4), "llama.attention.head_count": u32(2), "llama.attention.head_count_kv": u32(1),
        "llama.attention.layer_norm_rms_epsilon": f32(1e-5), "llama.rope.freq_base": f32(10000.0),
        "tokenizer.ggml.model": struct.pack("<I", 8) + string("gpt2"), "tokenizer.ggml.pre": struct.pack("<I", 8) + string("gpt-2"),
        "tokenizer.ggml.tokens": strings(tokens), "tokenizer.ggml.merges": strings(["a b"]),
        "tokenizer.ggml.token_type": struct.pack("<IIQ", 9, 5, len(tokens)) + b"".join(
            struct.pack("<i", 3 if t in ("<s>", "</s>") else 1) for t in tokens),
        "tokenizer.ggml.bos_token_id": u32(len(tokens) - 2), "tokenizer.ggml.eos_token_id": u32(len(tokens) - 1),
        "tokenizer.chat_template": struct.pack("<I", 8) + string(template),
    }
    shapes = {"token_embd.weight": (4, len(tokens)), "output_norm.weight": (4,), "blk.0.attn_norm.weight": (4,),
              "blk.0.ffn_norm.weight": (4,), "blk.0.attn_q.weight": (4, 4), "blk.0.attn_k.weight": (4, 2),
              "blk.0.attn_v.weight": (4, 2), "blk.0.attn_output.weight": (4, 4), "blk.0.ffn_gate.weight": (4, 4),
              "blk.0.ffn_up.weight": (4, 4), "blk.0.ffn_down.weight": (4, 4)}
    out = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(keys)) + b"".join(string(k) + v for k, v in keys.items())
    at = 0
    for name, shape in shapes.items():
        n = 4
        for side in shape:
            n *= side
        out += string(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", 0, at)
        at += -(-n // 32) * 32
    return out + bytes(-len(out) % 32 + at)


def safetensors(header, n_data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(n_data)


# The first byte chooses the kind of file; see fuzz-sheet.c and fuzz-table.c.
SHEETS = {
    "excel": 'x<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="3"><c r="A3" s="1"><v>45352.5</v></c>'
    '<c r="B3" t="inlineStr"><is><t>a &lt;b&gt;</t></is></c></row><row r="4"><c r="A4"><f>1+1</f><v>2</v></c>'
    '<c r="ZZ4" t="e"><v>#REF!</v></c></row><row><c t="b"><v>1</v></c></row>',
    "opendocument": 'o<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><table:table><table:table-row>'
    "<table:table-cell><text:p>question</text:p></table:table-cell><table:table-cell><text:p>answer</text:p></table:table-cell>"
    '</table:table-row><table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2">'
    '<office:annotation><text:p>note</text:p></office:annotation><text:p>a<text:s text:c="3"/>b<text:line-break/></text:p>'
    "</table:table-cell></table:table-row></table:table></office:document-content>",
    "document-type": 'o<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
}
TABLES = {
    "csv": 'dquestion,answer\n"a, ""b""",c\r\n"two\nlines",d\n"open,e\nf,g,h\n',
    "semicolons": "dFrage;Antwort\nGröße;5\n",
    "json": 'e[{"question": "a\\u00e9\\n", "answer": "b", "n": [1, {"x": null}]}, {"messages": [{"role": "user", "content": "c"}]}]',
    "jsonl": 'f{"question": "a", "answer": "b"}\n{"question": 1}\n{broken\n{"question": "c", "answer": true}\n',
    "tabs": "ga\tb\nc\td\n",
}

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
DOCUMENTS = {
    "text": f't<w:document {W}><w:body><w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>What is it?</w:t></w:r></w:p>'
            "<w:p><w:r><w:t xml:space=\"preserve\">It is </w:t><w:tab/><w:br/><w:t>a text.</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r>"
            "<w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p></w:body></w:document>",
    "styles": f's<w:styles {W}><w:style w:styleId="a"><w:name w:val="heading 2"/><w:basedOn w:val="b"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr>'
              '</w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>',
    "entities": f't<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:document {W}><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>',
}
PAGES = {
    "page": '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Gout</title><style>p{}</style></head><body><nav>Home</nav><h1>What is gout?</h1>'
            "<p>A <b>disease</b>&nbsp;of &lt;joints&gt;.</p><ul><li>one<li>two</ul><pre>x\n y</pre><table><tr><td>1<td>2</table><script>no()</script>"
            "<!-- no --><h2>More</h2><p>Text.</body></html>",
    "old": '<HTML><META HTTP-EQUIV=Content-Type CONTENT="text/html; charset=iso-8859-1"><P>Gr\xf6\xdfe<BR>two<P>&auml;&#228;&#xe4;&bogus;',
    "broken": "<h1>a<h2><p>b</h1></p></div><<>&&#0;&#x110000;<p title='>'>c",
}

FILE = {"rfilename": "m-Q4_K_M.gguf", "lfs": {"sha256": "ab" * 32, "size": 5}, "size": 1}
HUB = {
    "model": {"id": "a/m", "gated": "auto", "downloads": 3, "tags": ["license:mit", "gguf"], "gguf": {"architecture": "llama"},
              "siblings": [FILE, {"rfilename": "sub/n-f16-00001-of-00002.gguf"}, {"rfilename": "../x.gguf"}]},
    "folder": {"id": "a/m", "cardData": {"license": "other", "license_name": "x"}, "siblings": [
        {"rfilename": n, "size": 2} for n in ("config.json", "model-00001-of-00002.safetensors", "tokenizer.json", "/etc/passwd")]},
    "search": [{"id": "a/m", "gated": False, "siblings": [FILE, FILE]}, {"id": "a/../b"}, 3],
}


def main():
    for name, answer in HUB.items():
        write("hub", name, json.dumps(answer).encode())
    for name, text in DOCUMENTS.items():
        write("docx", name, text.encode())
    for name, text in PAGES.items():
        write("html", name, text.encode("latin-1"))
    for path in sorted((GOLDEN / "parquet").glob("*.parquet")):
        write("parquet", path.stem, path.read_bytes())
    for name, text in SHEETS.items():
        write("sheet", name, text.encode())
    for name, text in TABLES.items():
        write("table", name, text.encode())
    write("table", "utf-16", b"d" + "\ufeffquestion,answer\na,ü\n".encode("utf-16-le"))
    write("table", "windows-1252", b"d" + "Frage,Antwort\nGröße,weiß\n".encode("cp1252"))
    import importlib
    cases = importlib.import_module("make-jinja-cases")
    for name, source in cases.FAMILIES.items():
        write("template", named(name), source.encode())
    for i in range(0, len(cases.STATEMENTS), 6):
        write("template", f"statements-{i // 6}", "\n".join(cases.STATEMENTS[i : i + 6]).encode() + b"\0Hello <|im_end|> \xff")
    expressions = cases.expressions()
    for i in range(0, len(expressions), 20):
        write("template", f"expressions-{i // 20}", "".join("{{ " + e + " }}" for e in expressions[i : i + 20]).encode())
    rows = json.loads((GOLDEN / "tokenizers.json").read_text())["tokenizers"]
    for row in rows:
        if "file" in row:
            write("tokenizer-json", named(row["name"]), row["file"].encode())
        else:
            write("tokenizer-model", named(row["name"]), base64.b64decode(row["model"]))
    for path in sorted((GOLDEN / "families").glob("*/config.json")):
        write("config", path.parent.name, path.read_bytes())
    write("gguf", "llama", gguf("{% for m in messages %}{{ m.role + m.content + eos_token }}{% endfor %}"))
    write("safetensors", "two", safetensors({"__metadata__": {"format": "pt"}, "a": {
        "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, "b": {"dtype": "BF16", "shape": [4], "data_offsets": [24, 32]}}, 32))
    write("safetensors", "others", safetensors({"a": {"dtype": "I64", "shape": [], "data_offsets": [0, 8]}, "b": {
        "dtype": "F16", "shape": [0, 2], "data_offsets": [8, 8]}, "c": {"dtype": "F8_E4M3", "shape": [3], "data_offsets": [8, 11]}}, 11))


main()
