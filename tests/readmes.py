#!/usr/bin/env python3
"""readmes.py REFRESHER [--record]: every command of a fenced block in a README is run, or another test is named that runs it, or the
reason why none does; every link between the documents leads somewhere.

A command of an `sh` or `console` block is looked up in WAYS, by its beginning; one that is found nowhere is a failure. In a
`console` block a line "$ command" is followed by its output, which is compared once what changes from run to run is made equal; a
line "…" stands for lines that are left out. --record writes the outputs of README.md that were seen into it. Prints "skip WHY" for each
part that could not be tried here, and ends with "N passed, N failed, N skipped"."""
import contextlib
import fcntl
import glob
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
LINES, ROWS = 200, 20  # of README.md, at most

# What is done with a command that begins so, the first that fits: ('run',), with a check of its output; ('daemon',): it runs until its
# first file is there, and is ended then; ('ask',): asks the daemon of the block before; ('test', FILE, WORDS): that file runs it, and
# has these words; ('not', WHY).
WAYS = [
    ('make run', ('daemon',)),
    ('sudo make run', ('daemon',)),
    ('head -n 3 numbers.txt', ('ask',)),
    ('curl -s ', ('ask',)),
    ('refresher ./numbers.txt 10000 30', ('daemon',)),
    ('sudo refresher -s device', ('run', lambda out: not out, 'device')),
    ('refresher -f range', ('run', lambda out: re.fullmatch(r'([1-6]\n){5}', out))),
    ('refresher -c systemd/refresher.yaml --check-config', ('run', lambda out: 'file: "/run/random-refresher/numbers.txt"' in out)),
    ('sudo build/release/refresher-assess --svg', ('test', 'tests/system/140-the-assessment-program.sh', '--svg picture.svg')),
    ('make deps', ('test', '.ci/run', 'make deps')),
    ('make test', ('test', '.ci/run', 'make test')),
    ('sudo make test', ('test', '.ci/run', 'make test')),
    ('make lint', ('test', '.ci/run', 'make lint')),
    ('make deb', ('test', 'tests/deb/run.sh', 'make -C /src deb')),
    ('sudo apt install ./build/deb/', ('test', 'tests/deb/run.sh', 'apt-get install -y --no-install-recommends /first.deb')),
    ('systemctl status refresher', ('test', 'tests/deb/run.sh', 'StatusText=ready: numbers from')),
    ('make deploy', ('test', 'tests/manifests/scripts.mjs', 'make deploy takes IMAGE')),
    ('make image', ('test', 'tests/manifests/scripts.mjs', 'makes one name for both')),
    ('k8s/label-nodes.sh', ('test', 'tests/cluster/checks.sh', 'k8s/label-nodes.sh')),
    ('kubectl apply -k k8s/overlays/privileged', ('test', 'tests/cluster/checks.sh', 'deploy k8s/overlays/privileged')),
    ('kubectl -n random-refresher rollout status', ('test', 'tests/cluster/checks.sh', 'kn rollout status daemonset/random-refresher')),
    ('helm install', ('test', 'tests/cluster/chart.sh', 'helm install')),
    ('helm upgrade', ('test', 'tests/cluster/chart.sh', 'helm upgrade')),
    ('helm uninstall', ('test', 'tests/cluster/chart.sh', 'helm uninstall')),
    ('cosign verify', ('test', 'tests/image/sign.sh', 'verify')),
    ('inotifywait ', ('test', 'tests/system/412-a-watch-on-the-directory-sees-every-generation.sh', 'inotify_add_watch')),
    ('kubectl apply -k k8s/examples/canary', ('test', 'tests/manifests/check.mjs', "path.join(copy, 'examples/canary')")),
    ('kubectl -n random-refresher port-forward', ('not', 'a tunnel to a pod; the tour asks the pods directly')),
    ('kubectl -n random-refresher delete pod POD', ('not', 'part of a rollout by hand')),
    ('kubectl -n random-refresher get pods -o wide', ('not', 'it only looks')),
    ('kubectl -n random-refresher patch daemonset', ('not', 'part of a rollout by hand')),
    ('kubectl kustomize DIRECTORY', ('not', 'its directory and address are the reader\'s')),
    ('r=$(cat /sys/class/misc/hw_random/rng_current)', ('not', 'labels a node of the reader\'s')),
]
# Whose console blocks another test runs.
ELSEWHERE = {'k8s/README.md': ('tests/cluster/run.sh', '"$here/tour.py" k8s/README.md')}

passed, failed, skipped = 0, 0, 0


def verdict(well, sentence, *more):
    global passed, failed
    passed, failed = passed + bool(well), failed + (not well)
    if not well:
        print('not ok -', sentence, *more, sep='\n    ')


def skip(sentence):
    global skipped
    skipped += 1
    print('skip', sentence)


def text_of(path):
    with open(os.path.join(TOP, path), encoding='utf-8') as f:
        return f.read()


def blocks(text):
    """(language, its lines) of each fenced block."""
    return re.findall(r'^```(\w*)\n(.*?)^```$', text, re.M | re.S)


def commands(lines):
    """The commands of an sh block: a line that ends with a backslash or opens a loop goes on, a comment behind two blanks is none."""
    out, open_ = [], False
    for line in lines.rstrip('\n').split('\n'):
        line = re.sub(r'\s{2,}#.*$', '', line)
        if open_:
            out[-1] += '\n' + line
        else:
            out.append(line)
        open_ = out[-1].endswith('\\') or len(re.findall(r'\bdo$', out[-1], re.M)) > len(re.findall(r'^done$', out[-1], re.M))
    return [c for c in out if c.strip()]


def console(lines):
    """(command, [output lines]) of a console block."""
    out = []
    for line in lines.rstrip('\n').split('\n'):
        if line.startswith('$ '):
            out.append((line[2:], []))
        else:
            out[-1][1].append(line)
    return out


# What changes from run to run, and from machine to machine: moments, sizes, numbers, and which source was there.
SAME = [(re.compile(p), r) for p, r in [
    (r'^refresher: (source|warning: source: a fallback was taken)\b.*', 'log: source'),
    (r'^refresher: ok, generation .*', 'log: the line that changes'),
    (r'^(refresher: [^(]*) \(.*\)$', r'log: \1'),
    (r'^build/release/refresher (.*?)( --set confine.user=\S+)?( \./numbers)', r'refresher \1\3'),
    (r'^-?\d+$', 'NUMBER'),
    (r'(health_test_peak\{.*\}) \d+', r'\1 PEAK'),
]]


def plain(lines):
    for pattern, replacement in SAME:
        lines = [pattern.sub(replacement, line) for line in lines]
    return [line.rstrip() for line in lines]


def fits(want, got):
    """Whether the lines of the document are those that were seen, where "…" stands for any. What a machine is warned of is its own."""
    got = [line for line in got if not line.startswith('refresher: warning: ') or 'a fallback was taken' in line]
    pattern = ''.join('(?:.*\n)*?' if line == '…' else re.escape(line) + '\n' for line in plain(want))
    return re.fullmatch(pattern, ''.join(line + '\n' for line in plain(got)))


def make_run():
    """What `make run` shows and starts here."""
    env = {k: v for k, v in os.environ.items() if k not in ('VARIANT', 'MAKEFLAGS', 'MAKELEVEL')}
    plan = subprocess.run(['make', '-C', TOP, '-s', '-n', 'run'], capture_output=True, text=True, check=False, env=env).stdout
    return re.search(r"^echo '(build/release/refresher .*)'$", plan, re.M)[1]


class Daemon:
    """One at a terminal, beside the commands that ask it."""
    def __init__(self, binary, cwd):
        self.binary, self.cwd, self.process, self.port, self.terminal = binary, cwd, None, None, None

    def start(self, command):
        """What the terminal shows up to the first file and the line that changes; what make shows goes first."""
        self.stop()
        words = make_run() if command.endswith('make run') else command
        self.terminal, its_end = pty.openpty()
        self.process = subprocess.Popen([self.binary, *words.split()[1:], '--listen', '127.0.0.1:0'], cwd=self.cwd, stdin=its_end,
                                        stdout=its_end, stderr=its_end, env={**os.environ, 'NO_COLOR': '1', 'TERM': 'xterm'},
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(its_end)
        seen, end = b'', time.monotonic() + 60
        while not re.search(b'published.*Ctrl-C', seen, re.S) and time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):  # of one that has ended
                if select.select([self.terminal], [], [], 0.1)[0]:
                    seen += os.read(self.terminal, 4096)
        # a line begins anew where it is erased
        lines = [line.rpartition('\x1b[K')[2].rstrip('\r') for line in seen.decode().split('\n')]
        self.port = re.search(r'^refresher: listening .*port (\d+)', '\n'.join(lines), re.M)
        # the reader's has the port that is asked for
        lines = [re.sub(r'127\.0\.0\.1:0, port \d+', '127.0.0.1:8080, port 8080', line) for line in lines]
        return ([words] if command.endswith('make run') else []) + lines

    def stop(self):
        """How it ended; None: none ran."""
        if not self.process:
            return None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        os.close(self.terminal)
        self.process = None
        return status


def run(command, daemon, path):
    command = command.removeprefix('sudo ').replace('localhost:8080', f'127.0.0.1:{daemon.port[1] if daemon.process and daemon.port else 0}')
    # the directory is the reader's own; the tree is linked into it
    return subprocess.run(['bash', '-c', command], cwd=daemon.cwd, capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, 'PATH': path + ':' + os.environ['PATH']})


def find_way(command):
    return next((w for begin, w in WAYS if command.startswith(begin)), None)


def try_command(command, output, daemon, path, where):
    """Does what WAYS says. Returns the output that was seen, or None."""
    way = find_way(command)
    if way is None:
        verdict(False, f'{where}: no test runs this command: {command}')
    elif way[0] == 'not':
        skip(f'{where}: {command.split(chr(10))[0]}: {way[1]}')
    elif way[0] == 'test':
        verdict(os.path.exists(os.path.join(TOP, way[1])) and way[2] in text_of(way[1]), f'{where}: {way[1]} does not run: {command}')
    elif way[0] == 'daemon':
        seen = daemon.start(command)
        verdict(any(line.startswith('refresher: published') for line in seen) and (output is None or fits(output, seen)), f'{where}: {command}', *seen)
        return seen
    elif way[0] == 'ask' and not daemon.process:
        skip(f'{where}: {command}: asks a daemon that another test has installed')
    elif len(way) > 2 and not os.access('/dev/hwrng', os.R_OK):
        skip(f'{where}: {command}: no /dev/hwrng here')
    else:
        done = run(command, daemon, path)
        well = done.returncode == 0 and (way[0] == 'ask' or way[1](done.stdout))
        seen = done.stdout.rstrip('\n').split('\n')
        verdict(well and (output is None or fits(output, seen)), f'{where}: {command}', f'exit {done.returncode}', *seen, done.stderr)
        return seen
    return None


def check_commands(file, binary, record):
    text = text_of(file)
    with tempfile.TemporaryDirectory() as cwd:
        os.mkdir(os.path.join(cwd, 'bin'))
        os.symlink(binary, os.path.join(cwd, 'bin/refresher'))
        for folder in 'systemd', 'k8s':
            os.symlink(os.path.join(TOP, folder), os.path.join(cwd, folder))
        if os.getuid() == 0:  # `make run` goes on as the owner of the tree
            os.chown(cwd, os.stat(TOP).st_uid, os.stat(TOP).st_gid)
        daemon = Daemon(binary, cwd)
        for language, lines in blocks(text):
            if language == 'sh':
                for command in commands(lines):
                    try_command(command, None, daemon, os.path.join(cwd, 'bin'), file)
                verdict(daemon.stop() in (None, 0), f'{file}: a daemon does not end well')
            elif language == 'console' and file in ELSEWHERE:
                verdict(ELSEWHERE[file][1] in text_of(ELSEWHERE[file][0]), f'{ELSEWHERE[file][0]} does not run the blocks of {file}')
            elif language == 'console':
                for command, output in console(lines):
                    seen = try_command(command, None if record else output, daemon, os.path.join(cwd, 'bin'), file)
                    if record and seen:
                        text = text.replace('\n'.join(['$ ' + command, *output]), '\n'.join(['$ ' + command, *seen]))
        daemon.stop()
    if record and file == 'README.md':
        with open(os.path.join(TOP, file), 'w', encoding='utf-8') as f:
            f.write(text)


def anchors(text):
    """As the usual renderers make them of headings."""
    headings = re.findall(r'^#+ (.*)$', re.sub(r'^```.*?^```$', '', text, flags=re.M | re.S), re.M)
    return {re.sub(r'[^\w\- ]', '', h.lower()).replace(' ', '-') for h in headings}


def check_links(file):
    prose = re.sub(r'^```.*?^```$', '', text_of(file), flags=re.M | re.S)
    for target in re.findall(r'\]\(([^)\s]+)\)', prose):
        if '://' in target:
            continue
        path, _, anchor = target.partition('#')
        whole = os.path.normpath(os.path.join(os.path.dirname(file), path)) if path else file
        well = os.path.exists(os.path.join(TOP, whole)) and (not anchor or anchor in anchors(text_of(whole)))
        verdict(well, f'{file}: {target} leads nowhere')


def main():
    binary, record = os.path.realpath(sys.argv[1]), '--record' in sys.argv[2:]
    files = sorted(os.path.relpath(f, TOP) for pattern in ('*.md', '*/README.md', 'k8s/*/README.md') for f in glob.glob(os.path.join(TOP, pattern)))
    verdict(len(files) >= 9, f'too few documents: {files}')
    readme = text_of('README.md').rstrip('\n').split('\n')
    rows = [line for line in readme if line.startswith('|')]
    verdict(len(readme) <= LINES and len(rows) <= ROWS, f'README.md: {len(readme)} lines, {len(rows)} rows of tables: no README of one minute')
    for file in files:
        check_links(file)
        check_commands(file, binary, record)
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
