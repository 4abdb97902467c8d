# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/text/jinja-cases.json: templates and conversations, and what Jinja2 3.1 makes of them when it is set up as
transformers does for chat templates.  Needs jinja2 only."""
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox


def fail(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


class Generation(jinja2.ext.Extension):
    """{% generation %} … {% endgeneration %}, as transformers' AssistantTracker parses it."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_show"), [], [], body).set_lineno(line)

    def _show(self, caller):
        return caller()


env = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                                   extensions=[jinja2.ext.loopcontrols, Generation])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = fail
env.globals["strftime_now"] = lambda form: ""

S = lambda c: {"role": "system", "content": c}
U = lambda c: {"role": "user", "content": c}
A = lambda c: {"role": "assistant", "content": c}

CONVERSATIONS = [
    [],
    [U("Hello")],
    [S("Be brief."), U("What is an ECG?"), A("A recording of the heart.")],
    [S("  spaced \n"), U(" a\n\nb "), A("\tÜber 'quoted' \"text\" \\ <tag> 高血圧 \x07\n"), U("x"), A(""), U("Thanks")],
    [A("First"), A("twice"), U("")],
]

FAMILIES = {
    "chatml": "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}"
              "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "llama-2": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
               "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}"
               "{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
               "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
               "{{ raise_exception('Roles must alternate') }}{% endif %}"
               "{% if loop.index0 == 0 and system_message != false %}"
               "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
               "{% else %}{% set content = message['content'] %}{% endif %}"
               "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
               "{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}"
               "{% endfor %}",
    "llama-3": "{% set loop_messages = messages %}{% for message in loop_messages %}"
               "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
               "+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
               "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
               "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "zephyr": "{% for message in messages %}\n{% if message['role'] == 'user' %}\n"
              "{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
              "{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n"
              "{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n"
              "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "gemma": "{{ bos_token }}{% if messages and messages[0]['role'] == 'system' %}"
             "{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
             "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
             "{% set role = message['role'] %}{% endif %}"
             "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
             "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "mistral": "{%- if messages[0][\"role\"] == \"system\" %}\n    {%- set system_message = messages[0][\"content\"] %}\n"
               "    {%- set loop_messages = messages[1:] %}\n{%- else %}\n    {%- set loop_messages = messages %}\n"
               "{%- endif %}\n{%- if not tools is defined %}\n    {%- set tools = none %}\n{%- endif %}\n"
               "{%- set ns = namespace(index=0) %}\n{{- bos_token }}\n{%- for message in loop_messages %}\n"
               "    {%- if message.role == 'user' %}\n        {%- if tools is not none %}\n"
               "            {{- \"[AVAILABLE_TOOLS]\" }}\n        {%- endif %}\n"
               "        {%- if loop.last and system_message is defined %}\n"
               "            {{- \"[INST] \" + system_message + \"\\n\\n\" + message[\"content\"] + \"[/INST]\" }}\n"
               "        {%- else %}\n            {{- \"[INST] \" + message.content + \"[/INST]\" }}\n"
               "        {%- endif %}\n    {%- elif message['role'] == \"assistant\" %}\n"
               "        {{- \" \" + message[\"content\"]|trim + eos_token}}\n"
               "        {%- set ns.index = ns.index + 1 %}\n    {%- endif %}\n{%- endfor %}\n{{ ns.index }}\n",
    "reasoning": "{%- for message in messages %}{% set content = message.content %}"
                 "{%- if message.role == 'assistant' and '</think>' in content %}"
                 "{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{% endif %}"
                 "<{{ message.role | upper }}>{{ content }}</{{ message['role'] }}>"
                 "{% endfor %}",
}

WHITE_SPACE = [
    "a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "  {% if true %}x{% endif %}  \n", "{{ 1 }}\n{{ 2 }}\n\n",
    "a  {%- if true -%}  b  {%- endif -%}  c", "a\n  {%+ if true %}\n b{% endif +%}\nc", "  {# note #}\nx {# y -#}  z",
    "x\r\ny\r", "a {{- ' b ' -}} c", "\n\n{% set x = 1 %}\n\n{{ x }}\n", "  {% set a = 1 %}  {% set b = 2 %}  {{ a + b }}",
    "{% for i in range(3) %}\n  {{ i }}\n{% endfor %}\n-", "{#- c -#}\n\n a", "{{ '}}' }}{{ {'a': {'b': 1}}['a']['b'] }}",
    "a\n\t {%- set x = 2 %} b\n", "{% if 1 %}\n\n{% endif %}|", "\x0b{%- if 1 %}x{% endif %}",
]

EXPRESSIONS = """
1 + 2 * 3 - 4 // 3 | 7 % 3 | -7 // 2 | -7 % 3 | 7 / 2 | 2 * 3.5 | 1.0 | 10 / 5 | 1e3 is defined | 2.5e-3
'a' ~ 1 ~ none ~ true ~ 1.5 | 'ab' * 3 | 'a' + 'b' ~ 'c' | 'a' 'b' | not true or true | not (true or true)
1 < 2 | 1 < 2 < 3 | 3 > 2 > 2 | 'a' < 'b' | 1 == 1.0 | true == 1 | 'a' != 'b' | 'a' in 'cat' | 'z' not in 'cat'
1 in [1, 2] | 'k' in {'k': 1} | [1, 2] + [3] | [1, 'a', none, true, 1.5] | {'a': [1, "it's"], 'b': {}} | (1, 2)[1] | ()|length | (1,) | (1, 'a') | (1, 2) == [1, 2] | (1, 2) == (1, 2)
'x' if false else 'y' | 'x' if false | 'a' if true else 'b' if true else 'c' | (none or 'd') | ('' or 0 or 'e') | ('a' and 'b')
missing | missing is defined | missing is undefined | missing is none | none is none | none is not none | messages is defined
tools is none | tools is defined | 'x' is string | 1 is string | messages is iterable | messages is sequence | {} is mapping
3 is odd | 3 is even | 3 is number | true is boolean | true is true | 1 is true | false is false | 1 is integer | 1 is equalto 1
2 is in [1, 2] | 'abc'[1] | 'abc'[-1] | 'abc'[5] | 'abc'[1:] | 'abcdef'[1:-1] | 'äöü'[1:2] | 'äöü' | length | 'äöü'[::1]
'äbcdef'[::2] | 'äbcdef'[::-1] | 'abcdef'[4:1:-2] | 'abcdef'[1::3] | 'abc'[::-5] | ''[::-1] | 'ab'[5::-1] | 'abcdef'[-2::-2] | 'abc'[::0]
[1,2,3,4][::2] | [1,2,3,4][::-1] | [1,2,3,4][3:0:-2] | [1,2,3][-2:] | [1,2,3][:99] | [1,2,3][5:] | [1,2,3][-99:2]
[1, 2, 3] | first | [1, 2, 3] | last | [] | first | 'abc' | first | [3, 1] | reverse | list | [1, 2] | join(', ') | ['a', 'b'] | join
'  x ' | trim | 'xxaxx' | trim('x') | ' a '.strip() ~ '|' | ' a '.lstrip() ~ '|' | ' a '.rstrip() ~ '|' | 'a,b,c'.split(',') | 'a'.split(',')
'Abc' | upper | 'ÄB' | lower | 'aXbX'.replace('X', '--') | 'aa' | replace('a', 'b') | 'abc'.startswith('ab') | 'abc'.endswith('abcd')
missing | default('d') | none | default('d') | '' | default('d', true) | none | default('d', boolean=true) | 'v' | default('d')
missing | length | missing | trim | 5 | trim | '42' | int + 1 | 'x' | int | 2.9 | int | 5 | string ~ 'x' | 'x' | safe
{'b': 1, 'a': 2}.items() | list | {'a': 1}.keys() | list | {'a': 1}.values() | list | {'a': 1}.get('a') | {'a': 1}.get('z') | {'a': 1}.get('z', 7)
{'a': 1}.a | {'a': 1}['a'] | {'a': 1}.z | {'items': 3}['items'] | dict(a=1)['a'] | namespace(a=1).a
'a\\n\\tb' | "quo\\"te" | 'it\\'s' | '\\x41\\u00e9' | 'back\\\\slash' | '\\q'
{'a': 'ü"\\n', 'b': [1, 2.0, none, true]} | tojson | messages | tojson | 'x' | tojson | [] | tojson | {} | tojson
range(3) | list | range(1, 7, 2) | list | range(3, 0, -1) | list | messages | length | messages[0].role | messages[-1]['content']
messages[99] | messages[0].nothing | 1 is not string | 'a' is not defined | not missing | not none == none | -(-3) | - 3 + 5
missing == none | missing == '' | missing in ['a'] | none == false | [] == [] | [1] == [1.0] | 'a' == 1 | true + true
messages | map(attribute='role') | list | messages | map(attribute='x', default=3) | list | ['a', 'B'] | map('upper') | join
messages | selectattr('role', 'equalto', 'user') | list | length | messages | rejectattr('role', 'eq', 'user') | map(attribute='role') | join(',')
messages | selectattr('content') | list | length | [1, 2, 3] | select('odd') | list | [1, 2, 3] | reject('gt', 1) | list | [0, 1, ''] | select | list
['b', 'A', 'c'] | sort | ['b', 'A', 'c'] | sort(reverse=true) | ['b', 'A'] | sort(case_sensitive=true) | messages | sort(attribute='role') | map(attribute='role') | list
{'b': 1, 'A': 2, 'c': 0} | dictsort | {'b': 1, 'A': 2} | dictsort(by='value') | {'b': 1, 'a': 2} | dictsort(reverse=true) | [1, 2, 1, 'a', 'A'] | unique | list
[3, 1, 2] | min | [3, 1, 2] | max | ['b', 'A'] | min | [] | min | [1, 2.5] | sum | messages | map(attribute='role') | unique | list
'a\nb\n\nc\n' | indent | 'a\nb' | indent(2, true) | 'a\n\nb' | indent(width=2, blank=true) | 'a\nb' | indent('> ') | '' | indent(first=true)
'heLLo wOrld-of (x)' | title | 'heLLo wOrld' | capitalize | 'hello'.capitalize() | -3 | abs | '2.5' | float | 3 | float | 'x' | float
'{} and {}'.format(1, 'b') | '{0}{1}{0}'.format('a', 2) | '{x}-{{}}'.format(x=3) | '{'.format(1) | '{}'.format()
' a  b c '.split() | ' a  b c '.split(none, 1) | 'a,b,c'.split(',', 1) | 'a,b'.split(sep=',') | 'aaa'.replace('a', 'b', 2) | 'aaa' | replace('a', 'b', count=1)
{'b': [1, {'c': 2.5}], 'a': {}} | tojson(indent=2) | {'b': 1, 'a': 2} | tojson(sort_keys=true) | 'ü\U0001f9ec' | tojson(ensure_ascii=true) | [] | tojson(indent=4) | [[], {}] | tojson(indent=1)
{'items': 1}.items is callable | {'items': 1}['items'] | {}['items'] is mapping | {'a': 1}.items is mapping | {'get': 1}.get is number | namespace(items=1).items
messages.append(1) | [1].pop() | messages | map(attribute='role') | tojson | messages | map(attribute='role') | length | range is defined | strftime_now is defined | range is callable
1 is gt 0 | 1 is lt 0 | 1 is ge(1) | 1 is le 0 | 1 is ne 2 | 1.5 is float | 1 is float | 'ab' is lower | 'AB' is upper | '1' is upper
{'a': [1]} == {'a': [1]} | {'a': 1} == {'a': 2} | {'a': 1} != {'b': 1} | 'x' | default(default_value='y') | missing | default(boolean=true, default_value='y') | [1, 2] | join(d='-') | messages | join(', ', attribute='role')
1 | 1000000 * 1000000 | 'a'.missing | none.x | 1.5 is number | 'abc'.upper().lower() | [[1, 2], [3]][0][1]
""".replace("\\\\", "\\")

STATEMENTS = [
    "{% for a, b in {'x': 1, 'y': 2}.items() %}{{ a }}={{ b }};{% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}", "{% for x in missing %}a{% else %}none{% endfor %}",
    "{% for c in 'äb' %}[{{ c }}]{% endfor %}", "{% for k in {'p': 1, 'q': 2} %}{{ k }}{% endfor %}",
    "{% for m in messages if m.role == 'user' %}{{ loop.index }}/{{ loop.length }}{{ m.content }}{% endfor %}",
    "{% for x in [1,2,3,4] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1,2,3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}"
    "{{ loop.last }}{{ loop.previtem }}{{ loop.nextitem }}{% endfor %}",
    "{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set ns = namespace(n=0, found=false) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "{% set x %}[{{ messages | length }}]{% endset %}{{ x }}{{ x | length }}",
    "{% for i in [1,2] %}{% for j in [1,2] %}{{ i }}{{ j }}{{ loop.index }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% if missing %}a{% elif none %}b{% elif '' %}c{% elif [] %}d{% else %}e{% endif %}",
    "{% if messages and messages[0].role == 'system' %}S{{ messages[0].content }}{% endif %}",
    "{% for m in messages[::-1] %}{{ m.content }}|{% endfor %}",
    "{% for m in messages %}{{ m }}{% endfor %}",
    "{% for m in messages %}{{ m | tojson }}\n{% endfor %}",
    "{% for m in messages %}{% if not loop.first %}{{ '\n' }}{% endif %}{{ m.role ~ ': ' ~ m.content }}{% endfor %}",
    "{% for m in messages %}{{ m.content | replace('a', '<a>') | upper }}{{ m.content.split('a') | join('+') }}{% endfor %}",
    "{{ messages.foo }}{{ messages[0].content[:3] if messages }}",
    "{% macro f(a, b=2, c=a) %}[{{ a }},{{ b }},{{ c }}]{% endmacro %}{{ f(1) }}{{ f(1, 3) }}{{ f(b=5, a=4) }}{{ f('x', c='y') | upper }}",
    "{% set x = 1 %}{% macro f() %}{{ x }}{{ y }}{% set x = 3 %}{{ x }}{% endmacro %}{% set y = 2 %}{{ f() }}{{ x }}",
    "{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(4) }}{% for m in messages %}{{ f(2) }}{% endfor %}",
    "{% macro f(m) %}{{ loop }}{{ m.role }}{% endmacro %}{% for m in messages %}{{ f(m) }}{% endfor %}{{ f is defined }}{{ g is defined }}",
    "{% macro f() %}{% endmacro %}{{ f(1) }}", "{% macro f(a) %}{% endmacro %}{{ f(b=1) }}", "{{ f(1) }}{% macro f(a) %}{% endmacro %}",
    "{% macro f(x) %}<{{ x }}:{{ caller() }}>{% endmacro %}{% set y = 2 %}{% call f(1) %}in {{ y }}{% endcall %}|",
    "{% macro f(list) %}{% for x in list %}{{ caller(x, loop.index) }};{% endfor %}{% endmacro %}"
    "{% for m in messages %}{% call(c, i='-') f(m.content[:3]) %}{{ i }}{{ c | upper }}{{ m.role }}{{ loop.first }}{% endcall %}{% endfor %}",
    "{% macro f() %}{{ caller is defined }}{{ caller }}{% endmacro %}{{ f() }}", "{% macro f() %}x{% endmacro %}{% call f() %}a{% endcall %}",
    "{% macro f() %}{{ caller() }}{% endmacro %}{{ f() }}", "{% call range(3) %}a{% endcall %}", "{% call 1 %}a{% endcall %}",
    "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}[{% call f() %}{{ caller() }}{% endcall %}]{% endmacro %}"
    "{% call g() %}deep{% endcall %}",
    "{% macro f() %}[{{ caller() }}]{% endmacro %}{% macro g() %}[{% call f() %}x{% endcall %}]{% endmacro %}{{ g() }}{% call f() %}{{ g() }}{% endcall %}",
    "{% macro f() %}{{ caller(1) }}{% endmacro %}{% call f() %}a{% endcall %}", "{% macro f() %}{{ caller(a=1) }}{% endmacro %}{% call(a) f() %}{{ a }}{% endcall %}",
    "{% macro f() %}[{{ caller() }}]{% endmacro %}{% macro g() %}!{% endmacro %}{{ f(caller=g) }}{% macro h(caller=g) %}{{ caller() }}{% endmacro %}"
    "{{ h() }}{% call h() %}own{% endcall %}",
    "{% macro f(caller) %}{{ caller() }}{% endmacro %}{% call f() %}a{% endcall %}",
    "{% macro f() %}{{ caller() }}{% endmacro %}{% set x = 1 %}{% call f() %}{% set x = 2 %}{{ x }}{% endcall %}{{ x }}",
    "{% set b = 5 %}{% macro f(a, b) %}[{{ b }}{{ b is defined }}]{% endmacro %}{{ f(1) }}{% macro g(a=b, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ g() }}{{ g(b=7) }}",
    "{% for m in messages %}{% macro f() %}{{ m.role }}{{ loop.index }}{% endmacro %}{{ f() }}{% endfor %}", "{% macro f(a=1, b) %}{% endmacro %}",
    "{% macro f(a) %}{% macro g(b) %}{{ a }}{{ b }}{% endmacro %}{{ g(2) }}{% endmacro %}{{ f(1) }}", "{% call f() %}{% endcall %}",
    "{% for m in messages %}{{ m.content[::-1] }}{{ m.content[::2] | length }}{% endfor %}",
    "{% filter trim %}  {{ messages[0].content }} {% endfilter %}|{% filter upper | replace('A', 'b') %}a{% endfilter %}",
    "{% set x = 1 %}{% generation %}{% set x = 2 %}{{ x }}{% endgeneration %}{{ x }}",
    "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}\n  {{ m.content }}\n{% endgeneration %}\n{% endif %}{% endfor %}",
    "{{ missing.foo }}", "{{ missing['foo'] }}", "{{ 'a' + 1 }}", "{{ 1 + missing }}", "{{ 1 < 'a' }}", "{{ 1 / 0 }}",
    "{{ raise_exception('no') }}", "{% for a, b in [[1, 2, 3]] %}{% endfor %}", "{% for x in 5 %}{% endfor %}", "{{ -'a' }}",
    "{% if false %}{{ raise_exception('no') }}{% endif %}ok", "{{ 'a' in 5 }}", "{{ missing + 'a' }}",
]


def render(source, messages, generate):
    try:
        return env.from_string(source).render(messages=messages, add_generation_prompt=generate, tools=None, documents=None,
                                              bos_token="<s>", eos_token="</s>")
    except (jinja2.exceptions.TemplateError, TypeError, ValueError, ZeroDivisionError, IndexError, KeyError, AttributeError):
        return None  # it must be an error here too


def expressions():
    # " | " separates expressions where it is not a filter: a filter's name follows.  So both ways are tried, the longer first.
    out = []
    for line in EXPRESSIONS.strip().splitlines():
        parts = line.split(" | ")
        i = 0
        while i < len(parts):
            for j in range(len(parts), i, -1):
                candidate = " | ".join(parts[i:j])
                heads = [p.split("(")[0].split(" ")[0] for p in parts[i + 1:j]]
                if all(h in env.filters for h in heads):
                    out.append(candidate)
                    i = j
                    break
    return out


def main():
    cases = []
    for name, source in FAMILIES.items():
        for messages in CONVERSATIONS:
            for generate in (False, True):
                cases.append((source, messages, generate))
    for source in WHITE_SPACE + ["{{ " + e + " }}" for e in expressions()]:
        cases.append((source, CONVERSATIONS[2], False))
    for source in STATEMENTS:
        for messages in CONVERSATIONS[2:]:
            cases.append((source, messages, False))
    out = [{"template": s, "messages": m, "add_generation_prompt": g, "text": render(s, m, g)} for s, m, g in cases]
    path = pathlib.Path(__file__).with_name("jinja-cases.json")
    path.write_text(json.dumps({"made_by": f"tests/text/make-jinja-cases.py with jinja2 {jinja2.__version__}", "cases": out},
                               ensure_ascii=False, indent=1) + "\n")
    print(len(out), "cases,", sum(c["text"] is None for c in out), "errors")


if __name__ == "__main__":
    main()
