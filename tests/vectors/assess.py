#!/usr/bin/env python3
"""Writes assess.inc from what the public SP 800-90B tool of NIST printed: assess.py DIRECTORY >tests/vectors/assess.inc

DIRECTORY holds one JSON file per input with the values of `ea_non_iid -vv`, with -i ("initial") and with -c
("conditioned"), as text in full precision, by estimator and pass ("literal", "bitstring").
"""
import json
import sys

INPUTS = ("a_sha8", "b_sha1", "c_sha4", "d_bias1", "e_markov1", "f_ctr7", "g_gap3")
PREDICTION = (("c", "C"), ("r", "r"), ("n", "N"), ("p_global", "P_global"), ("p_global_u", "P_global'"),
              ("p_local", "P_local"))
# Estimator, its bit, its member, and the members of that one with what the tool calls them.
ESTIMATORS = (
    ("Most Common Value", "MCV", "mcv", (("mode", "Mode count"), ("p", "p-hat"), ("p_u", "p_u"))),
    ("Collision", "COLLISION", "collision", (("v", "v"), ("sum_t", "Sum t_i"), ("mean", "X-bar"), ("sigma", "sigma-hat"),
                                             ("mean_l", "X-bar'"), ("p", "p"))),
    ("Markov", "MARKOV", "markov", (("p_0", "P_0"), ("p_00", "P_{0,0}"), ("p_01", "P_{0,1}"), ("p_10", "P_{1,0}"),
                                    ("p_11", "P_{1,1}"), ("p_max", "p-hat_max"))),
    ("Compression", "COMPRESSION", "compression", (("mean", "X-bar"), ("sigma", "sigma-hat"), ("mean_l", "X-bar'"),
                                                   ("p", "p"))),
    ("t-Tuple", "T_TUPLE", "tuples", (("t", "t"), ("t_tuple.p", "p-hat_max"), ("t_tuple.p_u", "p_u"))),
    ("LRS", "LRS", "tuples", (("v", "v"), ("lrs.p", "p-hat"), ("lrs.p_u", "p_u"))),
    ("MultiMCW", "MULTI_MCW", "multi_mcw", PREDICTION),
    ("Lag", "LAG", "lag", PREDICTION),
    ("MultiMMC", "MULTI_MMC", "multi_mmc", PREDICTION),
    ("LZ78Y", "LZ78Y", "lz78y", PREDICTION),
)
INTEGERS = {"mode", "v", "sum_t", "t", "c", "r", "n"}


def rows_of_pass(estimators, name):
    done = []
    for title, bit, member, fields in ESTIMATORS:
        values = estimators.get(title, {}).get(name)
        if values is None:
            continue
        done.append(f"1 << NON_IID_{bit}")
        for field, called in fields:
            if called in values:
                kind = "INTEGER" if field in INTEGERS else "REAL"
                yield f"{kind}({name}.{member}.{field}, {values[called]})"
        yield f"REAL({name}.h[NON_IID_{bit}], {values['min entropy']})"
    yield f"INTEGER({name}.done, {' | '.join(done) or 0})"


def main(directory):
    print("/* assess.inc - what the public SP 800-90B tool of NIST (ea_non_iid 1.1.7, -vv) prints for seven inputs of 1,000,000\n"
          " * samples, initial (-i) and conditioned (-c): rows of test_assess.c, written by assess.py.\n"
          " * INPUT(name, mode, word size, SHA-256); then members of struct non_iid. */")
    for name in INPUTS:
        with open(f"{directory}/{name}.json", encoding="utf-8") as file:
            data = json.load(file)
        for mode in ("initial", "conditioned"):
            result = data[mode]
            print(f'INPUT({name}, {mode.upper()}, {result["word_size"]}, "{result["sha256"]}")')
            for one in ("literal", "bitstring"):
                print("\n".join(rows_of_pass(result["estimators"], one)))
            for member, called in (("h_original", "H_original"), ("h_bitstring", "H_bitstring"), ("h", "assessed")):
                if called in result:
                    print(f"REAL({member}, {result[called]})")


main(sys.argv[1])
