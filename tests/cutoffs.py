#!/usr/bin/env python3
"""Cutoffs of the continuous health tests, exactly, and a check of the table that the C tests use.

  cutoffs.py --check [FILE]   recompute every row of tests/vectors/cutoffs.inc; exit 1 on any difference
  cutoffs.py H ALPHA_LOG2 [W] print one row, for example: cutoffs.py 0.5 -30 512

RCT (SP 800-90B 4.4.1): C is the smallest whole number with 2^(-H (C-1)) <= alpha. H is taken as the decimal that is
written, so this is a division of fractions.

APT (4.4.2, corrected): the first sample of a window is A itself. C is the smallest whole number >= 2 for which the
chance that at least C-1 of the other W-1 samples equal A is at most alpha; never more than W. For whole H all
probabilities are whole multiples of 2^(-H (W-1)), and the comparison is between integers. For other H, 2^-H is
irrational; decimals of 120 digits are used, and a comparison closer than 10^-80 is refused rather than guessed.
"""
import decimal
import fractions
import os
import re
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors", "cutoffs.inc")
ROW = re.compile(r"(RCT|APT)\(([0-9.]+), -([0-9]+)(?:, ([0-9]+))?, ([0-9]+)\)$")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def rct(h, a):
    """H as text, alpha = 2^-a."""
    bits = fractions.Fraction(a) / fractions.Fraction(h)
    return 1 - (-bits.numerator // bits.denominator)


def tail_keeps_alpha(h, a, n):
    """Yields for k = n, n-1, ... 1 whether P[Bin(n, 2^-h) >= k] <= 2^-a."""
    if fractions.Fraction(h).denominator == 1:
        h = int(fractions.Fraction(h))
        others = 2**h - 1  # equally likely values that are not A
        term, tail, limit = 1, 1, 1 << (h * n)
        for k in range(n, 0, -1):
            yield tail << a <= limit
            term = term * k * others // (n - k + 1)
            tail += term
        return
    with decimal.localcontext() as context:
        context.prec = 120
        context.Emin, context.Emax = decimal.MIN_EMIN, decimal.MAX_EMAX
        p = (-decimal.Decimal(h) * decimal.Decimal(2).ln()).exp()
        alpha = 1 / decimal.Decimal(2**a)
        term = tail = p**n
        for k in range(n, 0, -1):
            if abs(tail / alpha - 1) < decimal.Decimal("1e-80"):
                raise ArithmeticError(f"H {h}, alpha 2^-{a}, n {n}: too close to decide")
            yield tail <= alpha
            term = term * k * (1 - p) / ((n - k + 1) * p)
            tail += term


def apt(h, a, w):
    c = w
    for k, keeps in zip(range(w - 1, 0, -1), tail_keeps_alpha(h, a, w - 1)):
        if not keeps:
            break
        c = k + 1
    return c


def check(path):
    rows = wrong = 0
    with open(path, encoding="ascii") as table:
        lines = COMMENT.sub("", table.read()).split("\n")
    for line in filter(None, map(str.strip, lines)):
        match = ROW.match(line)
        if not match or (match[1] == "APT") != bool(match[4]):
            print(f"{path}: not a row: {line}")
            wrong += 1
            continue
        test, h, a, w, c = match.groups()
        right = rct(h, int(a)) if test == "RCT" else apt(h, int(a), int(w))
        rows += 1
        if right != int(c):
            print(f"{path}: {line}: C is {right}")
            wrong += 1
    print(f"{rows} cutoffs recomputed, {wrong} wrong")
    return 1 if wrong or rows == 0 else 0


def main(args):
    if args and args[0] == "--check" and len(args) <= 2:
        return check(args[1] if len(args) == 2 else TABLE)
    if len(args) not in (2, 3) or float(args[0]) <= 0 or not -1000 <= int(args[1]) <= -1:
        print(__doc__, file=sys.stderr)
        return 64
    h, a = args[0], -int(args[1])
    print(f"RCT({h}, -{a}, {rct(h, a)})")
    if len(args) == 3:
        print(f"APT({h}, -{a}, {args[2]}, {apt(h, a, int(args[2]))})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
