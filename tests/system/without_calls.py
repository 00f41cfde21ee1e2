#!/usr/bin/env python3
"""without_calls.py NUMBER[,NUMBER...] PROGRAM ARG...: runs PROGRAM as on a kernel that lacks these system calls.

A filter answers ENOSYS to them; all others pass. The numbers are the same on every architecture from 424 on, which is
where Landlock's are (444 to 446)."""
import ctypes
import os
import struct
import sys

LOAD_NUMBER = (0x20, 0, 0, 0)
JUMP_EQUAL, RETURN = 0x15, 0x06
ALLOW, ENOSYS = 0x7FFF0000, 0x00050000 | 38
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38

numbers = [int(n) for n in sys.argv[1].split(',')]
program = [LOAD_NUMBER]
for i, n in enumerate(numbers):
    program.append((JUMP_EQUAL, len(numbers) - i, 0, n))
program += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ENOSYS)]
code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *i) for i in program))
head = ctypes.create_string_buffer(struct.pack('HxxxxxxP', len(program), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, head):
    sys.exit('no filter: ' + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[2], sys.argv[2:])
