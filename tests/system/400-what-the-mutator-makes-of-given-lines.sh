# tests/mutator.py: each line of C and all that is made of it; what is no code, or speaks of our own bugs, stays as it is.
. "$TESTS/system/lib.sh"
cat >rows.py <<'END'
import os
import sys

sys.path.insert(0, os.environ["TESTS"])
import mutator

ROWS = [
    ("a comparison", "\tx(a < b && c);", [";", "x(a <= b && c);", "x(a < b || c);"]),
    ("the other way round", "\tx(a >= b || c == d);", [";", "x(a > b || c == d);", "x(a >= b && c == d);",
     "x(a >= b || c != d);"]),
    ("arithmetic", "int y = a + b * c - d / e % f;", ["int y = a - b * c - d / e % f;", "int y = a + b / c - d / e % f;",
     "int y = a + b * c + d / e % f;", "int y = a + b * c - d * e % f;", "int y = a + b * c - d / e * f;"]),
    ("bits", "int y = a << b | c & d ^ e;", ["int y = a >> b | c & d ^ e;", "int y = a << b & c & d ^ e;",
     "int y = a << b | c | d ^ e;", "int y = a << b | c & d | e;"]),
    ("pointers, signs and addresses are no operators", "char *p = *q, n = -m, *r = &s;", []),
    ("counting", "\ti++, j--;", ["i--, j--;", "i++, j++;"]),
    ("an assignment is turned round or left out", "\ta->b += c;", [";", "a->b -= c;"]),
    ("an assignment to what a pointer points at", "\t*p = q;", [";"]),
    ("a declaration stays", "\tstruct t u = v(w);", []),
    ("a member of an initializer stays", "\t.read = posix_read,", []),
    ("a call that stands alone is left out", "\tf(a, g(b));", [";"]),
    ("over two lines too", "\tf(a,\n\t  b);", [";"]),
    ("a call in an expression stays", "\tint y = f(a,\n\t\t  g(b));", []),
    ("numbers", "\tx[7] = 0;", [";", "x[(7 + 1)] = 0;", "x[7] = 1;"]),
    ("a number that a comparison's change makes anyway stays", "y(a < 7, b >= 8, c > 1)", ["y(a <= 7, b >= 8, c > 1)",
     "y(a < 7, b > 8, c > 1)", "y(a < 7, b >= 8, c >= 1)", "y(a < 7, b >= 8, c > 0)"]),
    ("with a suffix, in hexadecimal, broken", "y(1, 2ull, 0x1f, 1e9, 0x1p53)", ["y(0, 2ull, 0x1f, 1e9, 0x1p53)",
     "y(1, (2ull + 1), 0x1f, 1e9, 0x1p53)", "y(1, 2ull, (0x1f + 1), 1e9, 0x1p53)", "y(1, 2ull, 0x1f, (1e9 + 1), 0x1p53)",
     "y(1, 2ull, 0x1f, 1e9, (0x1p53 + 1))"]),
    ("the length of an array stays", "\tchar text[40], day[24];", []),
    ("in a prototype too", "void u(const uint8_t rnd[16], char out[37]);", []),
    ("an empty struct stays", "struct t u = {0};", []),
    ("numbers in names stay", "uint64_t le64 = a1(b2);", []),
    ("truths", "f = true, g = false", ["f = false, g = false", "f = true, g = true"]),
    ("success and failure", "\treturn 0;\n\treturn -1;", ["return -1;", "return 0;"]),
    ("a returned truth becomes its contrary", "\treturn a == b;", ["return !(a == b);", "return a != b;"]),
    ("a returned value becomes 0", "\treturn f(a);", ["return 0;"]),
    ("a condition is turned round", "\tif (p->q)", ["if (!(p->q))"]),
    ("a negation leaves", "\tif (!p)", ["if (p)"]),
    ("loops", "\t\tbreak;\n\t\tcontinue;", ["continue;", "break;"]),
    ("comments, strings and characters stay", "/* a < b */ int c = d(\"e < 5\", '0'); // f + g", []),
    ("directives stay, their next lines too", "#define A(x) \\\n\t((x) + 1)", []),
    ("assertions stay", "\tassert(a < b && (c == 1));", []),
    ("a line number", "\n\n\tx();", [";"]),
]

failed = 0
for name, text, wanted in ROWS:
    made = mutator.mutants(text + "\n")
    got = [m.new for m in made]
    for m in made:
        assert m.line == 1 + text[:m.start].count("\n"), name
        assert m.old in " ".join(text.split()), name
    if got != wanted:
        failed += 1
        print(f"FAIL {name}: {got}, not {wanted}")
print(f"{len(ROWS) - failed} passed, {failed} failed, 0 skipped")
sys.exit(failed > 0)
END
python3 -B rows.py
