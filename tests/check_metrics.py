#!/usr/bin/python3
"""Reads an OpenMetrics page on standard input with the strict parser of python3-prometheus-client.

Exit status 0: well-formed; the number of families and samples is printed. 1: not. 77: no parser is installed.
Arguments are names of families that must be there.
"""
import sys

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError:
    print("skipped: python3-prometheus-client is not installed")
    sys.exit(77)


def main():
    try:
        families = list(text_string_to_metric_families(sys.stdin.read()))
    except ValueError as error:
        print(f"not OpenMetrics: {error}")
        return 1
    names = {family.name for family in families}
    missing = [name for name in sys.argv[1:] if name not in names]
    for name in missing:
        print(f"no family {name}")
    print(f"{len(families)} families, {sum(len(f.samples) for f in families)} samples")
    return 1 if missing else 0


sys.exit(main())
