#!/usr/bin/env python3
"""Cutoffs of the health tests, exactly, and a check of the table that the C tests use.

  cutoffs.py --check [FILE]   recompute every row of tests/vectors/cutoffs.inc; exit 1 on any difference
  cutoffs.py H ALPHA_LOG2 [W] print the rows, for example: cutoffs.py 0.5 -30 512

RCT (SP 800-90B 4.4.1): C is the smallest whole number with 2^(-H (C-1)) <= alpha. H is taken as the decimal that is
written, so this is a division of fractions.

APT (4.4.2, corrected): the first sample of a window is A itself. C is the smallest whole number >= 2 for which the
chance that at least C-1 of the other W-1 samples equal A is at most alpha; never more than W. For whole H all
probabilities are whole multiples of 2^(-H (W-1)), and the comparison is between integers. For other H, 2^-H is
irrational; decimals of 120 digits are used, and a comparison closer than 10^-80 is refused rather than guessed.

REPEAT (block repetition, ours): k is the smallest whole number with 2^12 2^(-k H) <= 2^-60, again by fractions. With it
the bound of the false alarms, 2^12 (2^(-k H) + (k / 2^61)^2) a sample, may exceed 2^-60 by 10^-9 of it at most.

RATE (escalation, ours): the intermittent failures of 2^20 samples are at most a Poisson variable of mean
(2^20 + 2^20 / W) 2^-a. n is the smallest whole number that it reaches with less than 2^-60; one minus a sum of decimals.
"""
import decimal
import fractions
import os
import re
import sys

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors", "cutoffs.inc")
ROW = re.compile(r"(RCT|APT|REPEAT|RATE)\(([0-9., -]+)\)$")
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


def repeat(h):
    bits = fractions.Fraction(60 + 12) / fractions.Fraction(h)
    k = -(-bits.numerator // bits.denominator)
    with decimal.localcontext() as context:
        context.prec = 120
        same = (-decimal.Decimal(h) * k * decimal.Decimal(2).ln()).exp()
        bound = 2**12 * (same + (decimal.Decimal(k) / 2**61) ** 2)
        if bound * 2**60 - 1 > decimal.Decimal("1e-9"):
            raise ArithmeticError(f"H {h}: k {k} does not keep 2^-60")
    return k


def rate(a, w):
    with decimal.localcontext() as context:
        context.prec = 120
        context.Emin = decimal.MIN_EMIN
        mean = (2**20 + decimal.Decimal(2**20) / w) / 2**a
        term, tail, n = (-mean).exp(), decimal.Decimal(1), 0
        while tail >= decimal.Decimal(2) ** -60:
            tail -= term
            n += 1
            term *= mean / n
    return n


# The arguments of each kind of row before the cutoff, and what the cutoff has to be.
RIGHT = {
    "RCT": (2, lambda h, a: rct(h, -int(a))),
    "APT": (3, lambda h, a, w: apt(h, -int(a), int(w))),
    "REPEAT": (1, repeat),
    "RATE": (2, lambda a, w: rate(-int(a), int(w))),
}


def check(path):
    rows = wrong = 0
    with open(path, encoding="ascii") as table:
        lines = COMMENT.sub("", table.read()).split("\n")
    for line in filter(None, map(str.strip, lines)):
        match = ROW.match(line)
        arguments = match[2].split(", ") if match else []
        if not match or len(arguments) != RIGHT[match[1]][0] + 1:
            print(f"{path}: not a row: {line}")
            wrong += 1
            continue
        right = RIGHT[match[1]][1](*arguments[:-1])
        rows += 1
        if right != int(arguments[-1]):
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
    print(f"REPEAT({h}, {repeat(h)})")
    if len(args) == 3:
        print(f"APT({h}, -{a}, {args[2]}, {apt(h, a, int(args[2]))})")
        print(f"RATE(-{a}, {args[2]}, {rate(a, int(args[2]))})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
