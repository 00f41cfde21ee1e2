#!/usr/bin/env python3
"""circles.py [FOLDER]: files that need one another in a circle, over any number of steps, one circle a line.

foo.c and foo.h are one file here: what either includes, both need. Only #include "..." below FOLDER (refresher) counts."""
import os
import re
import sys


def read_needs(top):
    """{file without ending: the files without ending that it includes}"""
    needs = {}
    for folder, _, names in os.walk(top):
        for name in names:
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.join(folder, name)
            stem = os.path.relpath(path, top)[:-2]
            with open(path, encoding="utf-8") as f:
                found = {m[:-2] for m in re.findall(r'(?m)^#include "([^"]+\.[ch])"', f.read())}
            needs.setdefault(stem, set()).update(found - {stem})
    return needs


def shortest_circle(needs, start):
    """The files on the shortest way from `start` back to it, or None."""
    ways, seen = [[start]], set()
    for way in ways:
        for stem in sorted(needs.get(way[-1], ())):
            if stem == start:
                return way
            if stem not in seen:
                seen.add(stem)
                ways.append(way + [stem])
    return None


def main():
    needs = read_needs(sys.argv[1] if len(sys.argv) > 1 else "refresher")
    told = set()
    for stem in sorted(needs):
        way = shortest_circle(needs, stem)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            print(" -> ".join(way + [stem]))


main()
