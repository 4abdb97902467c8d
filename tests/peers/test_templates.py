# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat templates of real models that llama.cpp carries, rendered by Jinja2 as transformers sets it up and by Attune:
without and with a system prompt, several turns, empty turns, tools, calls of tools and thoughts."""
import json
import os
import subprocess

from transformers.utils.chat_template_utils import _compile_jinja_template

import checks
import vocabularies

PROGRAM = os.path.join(os.environ["ATTUNE_BUILD"], "tests/text/render-template")


def S(text):
    return {"role": "system", "content": text}


def U(text):
    return {"role": "user", "content": text}


def A(text, **more):
    return {"role": "assistant", "content": text, **more}


TOOLS = [
    {"type": "function", "function": {"name": "dose", "description": "Looks a \"dose\" up – in mg.", "parameters": {
        "type": "object", "properties": {"drug": {"type": "string", "description": "Its name"},
                                         "weight": {"type": "number", "description": "kg", "default": 70.5},
                                         "routes": {"type": "array", "items": {"type": "string", "enum": ["oral", "i.v."]}}},
        "required": ["drug"]}}},
    {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}}]
CALL = [{"id": "call12345", "type": "function", "function": {"name": "dose", "arguments": {"drug": "Ärztin <x>", "weight": 70}}}]
ANSWER = {"role": "tool", "name": "dose", "tool_call_id": "call12345", "content": "500 mg"}
LONG = "  Über 'quoted' \"text\" \\ <tag> & 高血圧 \U0001f9ec\n\n  two\n"
CONVERSATIONS = [
    [U("Hello")], [S("Be brief."), U("What is an ECG?")], [S("Be brief."), U("A?"), A("B."), U("C?"), A("D."), U("E?")],
    [U("A?"), A("B."), U("C?")], [U("A?"), A("B.")], [S(""), U(""), A(""), U("x")], [S(LONG), U(LONG), A(LONG), U(LONG)],
    [U("A?"), A("<think>\nwell, so\n</think>\n\nB."), U("C?")],
    [U("A?"), A("B.", reasoning_content="well"), U("C?"), A("D.", reasoning_content="so")],
    [U("How much?"), A("", tool_calls=CALL), ANSWER, A("500 mg."), U("Thanks")],
    [S("Be brief."), U("How much?"), A("I look.", tool_calls=CALL + CALL), ANSWER, ANSWER], [U("a"), U("b")],
    [U("say <|im_end|> </s> [INST] {{ x }} {% y %}")],
]


def variables():
    for messages in CONVERSATIONS:
        for tools in (None, TOOLS):
            for generate in (False, True):
                yield {"messages": messages, "tools": tools, "documents": None, "add_generation_prompt": generate,
                       "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    for more in ({"enable_thinking": False}, {"enable_thinking": True}, {"thinking": True}, {"builtin_tools": ["code_interpreter", "search"]}):
        yield {"messages": CONVERSATIONS[2], "tools": TOOLS, "documents": None, "add_generation_prompt": True,
               "bos_token": "<s>", "eos_token": "</s>", **more}


every = list(variables())
folder = vocabularies.llama_models() / "templates"
lines = "".join(json.dumps(v) + "\n" for v in every)
for path in sorted(folder.glob("*.jinja")):
    try:
        template = _compile_jinja_template(path.read_text())
    except Exception as e:
        print(f"# {path.stem}: transformers cannot read it: {e}")
        continue
    run = subprocess.run([PROGRAM, path], input=lines, capture_output=True, encoding="utf-8")
    ours = [json.loads(line) for line in run.stdout.splitlines()] or [{"error": run.stderr.strip()}] * len(every)
    same, detail = 0, ""
    for v, mine in zip(every, ours):
        try:
            theirs = template.render(**v)
        except Exception as e:
            theirs, reason = None, e
        good = ("error" in mine) if theirs is None else mine.get("text") == theirs
        same += good
        if not good and detail.count("\n") < 8:
            a, b = mine.get("text", ""), theirs or ""
            at = next((i for i in range(min(len(a), len(b))) if a[i] != b[i]), min(len(a), len(b)))
            detail += (f"messages {ascii(v['messages'])[:60]} tools {bool(v['tools'])}: "
                       + (mine["error"] if "error" in mine else f"no error: {reason}" if theirs is None else
                          f"at {at}: ours {ascii(a[at - 20:at + 40])} theirs {ascii(b[at - 20:at + 40])}") + "\n")
    checks.equal(f"template, {path.stem}", same, len(every), detail)
checks.finish()
