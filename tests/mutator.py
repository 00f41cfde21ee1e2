"""mutator.py: which programs differ from a C text by one operator, constant, return value or call. Pure: text in, list out.

It knows no grammar, only how clang-format leaves our C: binary operators stand between blanks, unary ones at their operand,
a statement begins its line. What it makes of a line that it misunderstands does not compile, and then it does not count."""
import bisect
import dataclasses
import re

# What a binary operator becomes. Only between blanks, so that no pointer, sign or address is met.
BINARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&", "+": "-",
          "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "|",
          "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|=", "<<=": ">>=", ">>=": "<<="}
NUMBER = re.compile(r"(?<![\w.])(0[xX][\da-fA-F]+(?:[pP]-?\d+)?|\d+\.?\d*(?:[eE]-?\d+)?|\.\d+)[uUlLfF]*(?![\w.])")
# A number that only makes an array longer changes nothing that a test could see: "char text[40]", "uint8_t rnd[16]".
ARRAY = re.compile(r"(?:\w \**\w+|^\s*(?:(?:static|const|unsigned) )*(?:char|bool|size_t|u?int\w*|struct \w+) [^=(]*)$")
NO_STATEMENT = re.compile(r"(?:if|for|while|switch|return|else|do|case|goto|sizeof|default)\b")
CALL = re.compile(r"(?m)^[ \t]+((?:\(void\))?[a-zA-Z_][\w.\->\[\]]*\()")
ASSIGNMENT = re.compile(r"(?m)^[ \t]+(\*?[a-zA-Z_](?:[\w.]|->|\[[^\]\n]*\])* (?:[-+*/%&|^]|<<|>>)?= )")
NOT_CODE = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*\#(?:\\\n|[^\n])*"""
                      r"""|\b(?:_Static_assert|assert|__attribute__)\(""", re.S | re.M)


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change of a text: [start, end) becomes `to`. old and new are the lines that it touches, without comments."""
    start: int
    end: int
    to: str
    line: int
    old: str
    new: str


def blank_out(text):
    """The text with everything that is no code turned into blanks of the same length; strings keep their quotes."""
    out, at = [], 0
    for m in NOT_CODE.finditer(text):
        if m.start() < at:
            continue
        end = m.end()
        if text[end - 1] == "(":  # an assertion speaks of our own bugs: none of it is changed
            end = closing(text, end - 1) + 1
        body = re.sub(r"[^\n]", " ", text[m.start():end])
        if text[m.start()] in "\"'":
            body = text[m.start()] + body[1:-1] + text[m.start()]
        out += [text[at:m.start()], body]
        at = end
    return "".join(out) + text[at:]


def closing(code, at):
    """Where the bracket that opens at `at` is closed; the end of the text where it is not."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    return len(code) - 1


def changes(text):
    """Yields (start, end, new text) of each change, unsorted."""
    code = blank_out(text)
    for m in re.finditer(r"(?<=\s)([-+*/%&|^<>=!]{1,3})(?=\s)", code):
        if m[1] in BINARY:
            yield m.start(1), m.end(1), BINARY[m[1]]
    for m in re.finditer(r"\+\+|--", code):
        yield m.start(), m.end(), "--" if m[0] == "++" else "++"
    for m in re.finditer(r"!(?=[\w(*])", code):
        yield m.start(), m.end(), ""
    for m in re.finditer(r"\b(?:true|false|break|continue)\b", code):
        other = {"true": "false", "false": "true", "break": "continue", "continue": "break"}
        yield m.start(), m.end(), other[m[0]]
    yield from numbers(text, code)
    yield from returns(text, code)
    yield from conditions(code)
    yield from statements(code)


def numbers(text, code):
    for m in NUMBER.finditer(code):
        before, after = code[code.rfind("\n", 0, m.start()) + 1:m.start()], code[m.end():m.end() + 1]
        if before.endswith("{") and after == "}":  # {0}: an empty struct
            continue
        if before.strip() in ("return", "return -") and after == ";":  # see returns
            continue
        if before.endswith((" < ", " >= ")) and m[0].isdigit():  # x < n + 1 is x <= n, which is made anyway
            continue
        if before.endswith("[") and ARRAY.search(before[:-1]) and not NO_STATEMENT.search(before.strip()):
            continue
        yield m.start(), m.end(), {"0": "1", "1": "0"}.get(m[0], f"({text[m.start():m.end()]} + 1)")


def returns(text, code):
    """0 and -1 for one another; a truth becomes its contrary, anything else 0. (true, false: see changes.)"""
    for m in re.finditer(r"\breturn ([^;{}]+);", code):
        value = text[m.start(1):m.end(1)]
        if value in ("0", "-1"):
            yield m.start(1), m.end(1), "-1" if value == "0" else "0"
        elif re.search(r"[<>=!]= | [<>] |&&|\|\||^!", m[1]) and " ? " not in m[1]:
            yield m.start(1), m.end(1), f"!({value})"
        elif value not in ("true", "false", "NULL"):
            yield m.start(1), m.end(1), "0"


def conditions(code):
    """A condition with no operator of its own is turned round."""
    for m in re.finditer(r"\b(?:if|while) \(", code):
        end = closing(code, m.end() - 1)
        if not re.search(r"[<>=!&|]", code[m.end():end].replace("->", "")):
            yield m.end() - 1, end + 1, f"(!{code[m.end() - 1:end + 1]})"


def statements(code):
    """A call or an assignment that stands alone is left out."""
    for m in CALL.finditer(code):
        end = closing(code, m.end() - 1) + 1
        if code[end:end + 1] == ";" and not NO_STATEMENT.match(m[1]):
            yield m.start(1), end, ""
    for m in ASSIGNMENT.finditer(code):
        end = m.end()
        while code[end] not in ";,{}":
            end = closing(code, end) + 1 if code[end] in "([" else end + 1
        if code[end] == ";":
            yield m.start(1), end, ""


def mutants(text):
    """All mutants of a text, in its order."""
    begins = [0] + [m.end() for m in re.finditer(r"\n", text)]
    made = []
    for start, end, to in sorted(set(changes(text))):
        line = bisect.bisect_right(begins, start)
        first, last = begins[line - 1], text.find("\n", end)
        made.append(Mutant(start, end, to, line, in_short(text[first:last]),
                           in_short(text[first:start] + to + text[end:last])))
    return made


def in_short(lines):
    return " ".join(re.sub(r"/\*.*?(?:\*/|$)", "", lines, flags=re.S).split())
