#!/usr/bin/env python3
"""coverage.py OBJECTS [FLOOR]: line and branch coverage per folder from gcov's data below OBJECTS, and what is not
covered in assess, health, seed, numbers and sink, with the reason that coverage.md gives. Run in the top folder.

Exits 1 when one of the five is below FLOOR percent, an uncovered place of theirs has no reason, or a reason no place."""
import collections
import json
import os
import re
import subprocess
import sys
from itertools import zip_longest

WATCHED = ("assess", "health", "seed", "numbers", "sink")
REASONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "coverage.md")


def read_gcov(objects):
    """{file: {line: (count, [branch counts])}}, summed over the programs and the files that include a header."""
    found = []
    for folder, _, names in os.walk(objects):
        found += [os.path.join(folder, n) for n in names if n.endswith(".gcno")]
    lines = collections.defaultdict(dict)
    for at in range(0, len(found), 40):
        out = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *found[at:at + 40]],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        for text in out.splitlines():
            for file in json.loads(text)["files"]:
                name = os.path.normpath(file["file"])  # a test may include a .c file
                if name.startswith("refresher/"):
                    add_lines(lines[name], file["lines"])
    return lines


def add_lines(known, lines):
    for line in lines:
        count, branches = known.get(line["line_number"], (0, []))
        new = [b["count"] for b in line["branches"]]
        known[line["line_number"]] = (count + line["count"],
                                      [a + b for a, b in zip_longest(branches, new, fillvalue=0)])


def read_reasons():
    """[(file, beginning of the source line or all of it behind the line above, reason)] of the table in coverage.md."""
    rows = []
    with open(REASONS, encoding="utf-8") as md:
        for row in md:
            m = re.match(r"\| `([^`]+)` \| `` ?(.+?) ?`` \| (.+) \|$", row)
            if m:
                file, code, reason = m.groups()
                rows.append((file, code.replace("\\|", "|"), reason))
    return rows


def percent(part, whole):
    return 100 * part / whole if whole else 100.0


def table(lines):
    """Prints it; {folder: (lines %, branches %)}."""
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    for file, by_line in lines.items():
        folder = file.split("/")[1]
        for count, branches in by_line.values():
            s = sums[folder]
            s[0] += count > 0
            s[1] += 1
            s[2] += sum(b > 0 for b in branches)
            s[3] += len(branches)
    print(f"{'folder':<10}{'lines':>16}{'branches':>18}")
    for folder, (a, b, c, d) in sorted(sums.items()):
        print(f"{folder:<10}{a:>6}/{b:<5}{percent(a, b):5.1f}{c:>7}/{d:<5}{percent(c, d):5.1f}")
    return {folder: (percent(a, b), percent(c, d)) for folder, (a, b, c, d) in sums.items()}


def uncovered(lines):
    """Yields (file, number, source line, the same behind the line above, what) of the watched folders."""
    for file in sorted(lines):
        if file.split("/")[1] not in WATCHED:
            continue
        with open(file, encoding="utf-8") as source:
            text = [line.strip() for line in source]
        for number, (count, branches) in sorted(lines[file].items()):
            missed = sum(b == 0 for b in branches)
            if count == 0 or missed:
                what = f"{missed} of {len(branches)} branches" if count else "line"
                yield file, number, text[number - 1], " ".join(text[max(number - 2, 0):number]), what


def main():
    floor = float(sys.argv[2]) if len(sys.argv) > 2 else 95
    lines = read_gcov(sys.argv[1])
    figures = table(lines)
    reasons = read_reasons()
    used, bad = set(), 0
    for file, number, source, behind, what in uncovered(lines):
        row = next((r for r in reasons if r[0] == file and (source.startswith(r[1]) or behind == r[1])), None)
        used.add(row)
        bad += row is None
        print(f"{file}:{number}: {what}: {source}: {row[2] if row else 'NO REASON'}")
    for row in reasons:
        if row not in used:
            print(f"coverage.md: {row[0]}: {row[1]}: covered now, or gone")
            bad += 1
    for folder in WATCHED:
        if min(figures[folder]) < floor:
            print(f"{folder}: below {floor:g} %")
            bad += 1
    return 1 if bad else 0


sys.exit(main())
