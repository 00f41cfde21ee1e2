#!/usr/bin/env python3
"""tour.py FILE [--record]: runs the console blocks of a Markdown file and compares each output with what the file says.

A block is fenced with ```console. A line "$ command" is run, in one shell for the whole file, from the top of the tree;
the lines below it are its output. What changes from run to run (names of pods, addresses, ages, times, random numbers,
node names; of a log line all but level and message) is made equal on both sides first, and so is what kubectl's versions word
differently. --record writes the true outputs into the file instead.

After a restart the kubelet may tell Ready True, False and True within seconds, and `kubectl wait` takes the first one: behind a
wait for that condition the next command is run once the condition has held for HOLD_SECONDS."""
import difflib
import os
import re
import subprocess
import sys
import threading
import time
import queue

LIMIT_SECONDS = 300  # for one command
HOLD_SECONDS = 10
SETTLE_SECONDS = 120
NODE_IN_FILE = 'node1'
MARK = '@@end-of-command@@'

SAME = [(re.compile(p), r) for p, r in [
    (r'^ts=\S+ (level=\S+ msg=("[^"]*"|\S+)).*', r'log: \1'),
    (r'\d{4}-\d\d-\d\dT[\d:.]+Z', 'TIME'),
    (r'\brandom-refresher-[a-z0-9]{5}\b', 'random-refresher-POD'),
    (r'\b\d{1,3}(\.\d{1,3}){3}\b', 'ADDRESS'),
    (r'\b[A-Z][a-z][a-z] +\d+ \d\d:\d\d\b', 'DATE'),
    # what was assessed of these samples
    (r'\b\d\.\d+ bits per sample', 'H bits per sample'),
    (r'(?<![\w-])-?\d{5,10}(?![\w])', 'NUMBER'),
    # kubectl up to 1.21 tells the number of restarts alone
    (r' \(\d+[smhd](\d+[smh])? ago\)', ''),
    # kubectl from 1.34 on names the namespace
    (r'( deleted) from \S+ namespace$', r'\1'),
    (r'(?<=\s)\d+[smhd](\d+[smh])?(?=\s|$)', 'AGE'),
    # how old the file is, as --status says it
    (r'[\d.]+ (s|min|h) old$', 'SPAN old'),
    (r'\bdriver=\S+|\bgenerator \S+', 'DRIVER'),
]]
# kubectl's progress, as long as the cluster is slow
DROPPED = re.compile(r'^Waiting for |^Defaulted container ')


def plain(lines, nodes):
    out = []
    for line in lines:
        if DROPPED.match(line):
            continue
        for n in nodes:
            line = re.sub(r'\b%s\b' % re.escape(n), 'NODE', line)
        for pattern, replacement in SAME:
            line = pattern.sub(replacement, line)
        out.append(' '.join(line.split()))
    while out and not out[-1]:
        out.pop()
    return out


class Shell:
    def __init__(self):
        self.process = subprocess.Popen(['bash'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))
        self.lines.put(None)

    def run(self, command):
        """Output lines and status; status None: not in time."""
        self.process.stdin.write(f'{command}\nprintf "\\n{MARK} %s\\n" $?\n')
        out = []
        while True:
            try:
                line = self.lines.get(timeout=LIMIT_SECONDS)
            except queue.Empty:
                return out, None
            if line is None:
                return out, None
            if line.startswith(MARK):
                break
            out.append(line)
        if out and not out[-1]:
            out.pop()  # the line feed before the mark
        return out, int(line.split()[1])


READY = re.compile(r"^kubectl (.*)\bwait (.*)--for=condition=Ready (.*)$")


def question(command):
    """The command that asks for the condition which `command` waits for, or None."""
    m = READY.match(command)
    if not m:
        return None
    rest = ' '.join(w for w in ''.join(m.groups()[1:]).split() if not w.startswith('--timeout'))
    return "kubectl %sget %s -o 'jsonpath={.status.conditions[?(@.type==\"Ready\")].status}'" % (m[1], rest)


def settle(ready, sleep=time.sleep):
    """Waits until ready() was true each second for HOLD_SECONDS. False: not within SETTLE_SECONDS."""
    held = 0
    for _ in range(SETTLE_SECONDS):
        held = held + 1 if ready() else 0
        if held > HOLD_SECONDS:
            return True
        sleep(1)
    return False


def parse(text):
    """The file as a list of lines and of (command, [output]) pairs."""
    items, in_block, current = [], False, None
    for line in text.split('\n'):
        if not in_block or line.startswith('```'):
            in_block = line == '```console' if not in_block else False
            current = None
            items.append(line)
        elif line.startswith('$ '):
            current = (line[2:], [])
            items.append(current)
        elif current:
            current[1].append(line)
    return items


def main():
    path, record = sys.argv[1], '--record' in sys.argv[2:]
    with open(path, encoding='utf-8') as f:
        items = parse(f.read())
    nodes = subprocess.run(['kubectl', 'get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'], check=True,
                           capture_output=True, text=True).stdout.split() + [NODE_IN_FILE]
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..'))
    shell, failed = Shell(), 0
    for item in items:
        if isinstance(item, str):
            if item.startswith('#'):
                print(item, flush=True)
            continue
        command, expected = item
        actual, status = shell.run(command)
        ask = question(command)
        if status == 0 and ask and not settle(lambda: shell.run(ask)[0] == ['True']):
            status = None
        if record:
            item[1][:] = [line for line in actual if not DROPPED.match(line)]
            print('$', command, *item[1], sep='\n', flush=True)
            continue
        want, got = plain(expected, nodes), plain(actual, nodes)
        if want == got and status is not None:
            print('ok -', command, flush=True)
            continue
        failed += 1
        print('not ok -', command, '(not in time)' if status is None else '', flush=True)
        for line in difflib.unified_diff(want, got, 'the file says', 'the cluster says', lineterm=''):
            print('   ', line)
        if status is None:
            break
    shell.process.kill()
    if record:
        with open(path, 'w', encoding='utf-8') as f:
            f.write('\n'.join(i if isinstance(i, str) else '\n'.join(['$ ' + i[0]] + i[1]) for i in items))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
