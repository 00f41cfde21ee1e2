#!/usr/bin/env python3
"""without_calls.py [--kill | --errno NUMBER] CALL[,CALL...] PROGRAM ARG...: runs PROGRAM under a filter of these calls.

Each is answered with ENOSYS, as on a kernel that lacks it, with another errno, or by death. CALL is a number or one of
the names below; CALL:I=V only where argument I has the value V, CALL:I!V only where it has not (the lower 32 bits
count). The numbers are the same on every architecture from 424 on, which is where Landlock's are (444 to 446)."""
import argparse
import ctypes
import os
import re
import struct
import sys

NAMES = {
    'x86_64': {'prctl': 157, 'capset': 126, 'setgroups': 116, 'setresuid': 117, 'setresgid': 119, 'setrlimit': 160,
               'prlimit64': 302, 'seccomp': 317, 'mlock': 149, 'statx': 332},
    'aarch64': {'prctl': 167, 'capset': 91, 'setgroups': 159, 'setresuid': 147, 'setresgid': 149, 'setrlimit': 164,
                'prlimit64': 261, 'seccomp': 277, 'mlock': 228, 'statx': 291},
}
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 22, 2, 38, 39


def rule(text, action):
    """The instructions that answer one call, and let others pass on to the next rule."""
    call, index, sign, value = re.fullmatch(r'(\w+)(?::(\d)([=!])(\d+))?', text).groups()
    number = int(call) if call.isdigit() else NAMES[os.uname().machine][call]
    answer = (RETURN, 0, 0, action)
    if index is None:
        return [(LOAD, 0, 0, 0), (JUMP_EQUAL, 0, 1, number), answer]
    skip = (0, 1) if sign == '=' else (1, 0)
    return [(LOAD, 0, 0, 0), (JUMP_EQUAL, 0, 3, number), (LOAD, 0, 0, 16 + 8 * int(index)),
            (JUMP_EQUAL, *skip, int(value)), answer]


parser = argparse.ArgumentParser()
parser.add_argument('--kill', dest='action', action='store_const', const=KILL_PROCESS, default=ERRNO | 38)
parser.add_argument('--errno', dest='action', type=lambda number: ERRNO | int(number))
parser.add_argument('calls')
parser.add_argument('command', nargs=argparse.REMAINDER)
given = parser.parse_args()
program = [i for text in given.calls.split(',') for i in rule(text, given.action)] + [(RETURN, 0, 0, ALLOW)]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *i) for i in program))
head = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(program), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 and libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
    sys.exit('no_new_privs: ' + os.strerror(ctypes.get_errno()))
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head):
    sys.exit('no filter: ' + os.strerror(ctypes.get_errno()))
os.execvp(given.command[0], given.command)
