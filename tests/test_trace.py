"""`trace`: what processes do, recorded, put in order, told: the golden form of commands."""
from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from glass_stories import told

from minishell.glass.golden import golden
from minishell.glass.lanes import text_of
from minishell.system.callnumbers import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.glass.story import Story


LINES = 'b x\na x\nB x\nA x\nzz\n'
PIPELINE = 'grep x f | sort -uf | wc -l'
FORM = """\
sh pipe ① | fork P1 | close ①w | pipe ② | fork P2 | close ①r | close ②w | fork P3 | close ②r \
| wait | reap P1 | reap P2 | reap P3 | $?=0
P1 close ①r | ①→1 | close ①w | exec grep | open f | read f 19 B | write ① 16 B | close ①w \
| exit 0
P2 close ②r | ①→0 | close ①r | ②→1 | close ②w | exec sort | read ① 16 B | EOF ① \
| write ② 8 B | close ①r | close ②w | exit 0
P3 ②→0 | close ②r | exec wc | read ② 8 B | EOF ② | "2\\n" | close ②r | exit 0
"""
USERS = [pytest.param(0, id='root', marks=pytest.mark.skipif(
             os.getuid() != 0, reason='these tests are not run by root')),
         pytest.param(65534, id='user')]


class Traced:
    """A script that has run, and the story of its trace."""

    def __init__(self, ended: subprocess.CompletedProcess[str], path: Path) -> None:
        self.stdout = ended.stdout
        self.stderr = ended.stderr
        self.status = ended.returncode
        text = path.read_text() if path.exists() else ''
        self.story: Story = json.loads(text) if text else None

    def line(self, name: str) -> str:
        """What one process has done, in the golden form."""
        lines = dict(line.split(' ', 1) for line in golden(self.story).splitlines())
        return lines[name]

    def asleep(self, name: str) -> list[str]:
        """Why a process has slept."""
        return [segment['why'] for process in self.story['procs'] if process['id'] == name
                for segment in process['segs'] if segment['state'] == 'asleep']


class Trace:
    """Runs scripts in a folder, as root or as another user."""

    def __init__(self, minishell: list[str], environment: dict[str, str], folder: Path,
                 uid: int) -> None:
        self.minishell = minishell
        self.folder = folder
        self.uid = uid
        self._environment = {**environment, 'LC_ALL': 'C', 'HOME': '/'}

    def __call__(self, commands: str, behind: str = '', options: str = '', before: str = '',
                 **others: Any) -> Traced:
        """Trace commands in a script, with what comes before and behind."""
        return self.start([*self.minishell, '-c',
                           f"{before}\ntrace -o story.json {options} '{commands}'\n{behind}"],
                          **others)

    def start(self, argv: list[str], text: str = '', **others: Any) -> Traced:
        """Run a program to its end, with such input; the story is in story.json."""
        path = self.folder / 'story.json'
        path.unlink(missing_ok=True)
        if os.getuid() == 0 and self.uid:
            others |= {'user': self.uid, 'group': self.uid, 'extra_groups': []}
        process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.PIPE,
            text=True, cwd=self.folder, start_new_session=True, env=self._environment, **others)
        try:
            out, err = process.communicate(text, timeout=300)
        finally:
            kill_group(process.pid)     # at once: later its number may be another's
        return Traced(subprocess.CompletedProcess((), process.returncode, out, err), path)


def kill_group(leader: int) -> None:
    """Kill what is left of a process group."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


@pytest.fixture(params=USERS)
def trace(request: pytest.FixtureRequest, minishell: list[str],
          environment: dict[str, str]) -> Iterator[Trace]:
    """Traces commands, by root and by another user."""
    with tempfile.TemporaryDirectory(prefix='minishell-traced-', dir='/tmp') as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / 'f').write_text(LINES)
        runner = Trace(minishell, environment, folder, request.param)
        probe = runner(':')
        assert probe.status == 0, probe.stderr
        if probe.story['engine'] != 'ptrace':
            pytest.skip(f'ptrace cannot be had: {probe.story["incomplete"]}')
        yield runner


@pytest.mark.parametrize('run', range(3))
def test_a_pipeline(trace: Trace, run: int) -> None:
    traced = trace(PIPELINE, 'echo $? ${PIPESTATUS[@]}')
    assert golden(traced.story) == FORM
    utf8 = trace(f'LC_ALL=C.UTF-8; export LC_ALL; {PIPELINE}')
    assert golden(utf8.story) == FORM
    assert (traced.stdout, traced.stderr) == ('2\n0 0 0 0\n', '')
    assert traced.story['incomplete'] == []


def test_causes_come_before_effects(trace: Trace) -> None:
    steps = trace(PIPELINE).story['steps']
    places = {(step['p'], step['text']): step['seq'] for step in steps}
    assert [step['seq'] for step in steps] == list(range(1, len(steps) + 1))
    assert sorted(step['t'] for step in steps) == [step['t'] for step in steps]
    for first, then in (
            (('sh', 'fork P1'), ('P1', 'close ①r')),
            (('P1', 'write ① 16 B'), ('P2', 'read ① 16 B')),
            (('P1', 'close ①w'), ('P2', 'EOF ①')), (('P2', 'exit 0'), ('sh', 'reap P2'))):
        assert places[first] < places[then]


def test_a_reader_that_goes_first(trace: Trace) -> None:
    traced = trace('yes | head -1', 'echo $? ${PIPESTATUS[@]}')
    assert traced.stdout == 'y\n0 141 0\n'
    assert re.fullmatch(r'close ①r \| ①→1 \| close ①w \| exec yes \| write(×①| ① \d+ B) \| '
                        r'EPIPE ① \| SIGPIPE \| †SIGPIPE', traced.line('P1'))
    assert re.fullmatch(r'①→0 \| close ①r \| exec head \| read ① \d+ B \| '
                        r'("y\\n" \| close ①r|close ①r \| "y\\n") \| exit 0', traced.line('P2'))
    assert traced.story['incomplete'] == []


def test_a_job_in_the_background(trace: Trace) -> None:
    traced = trace('(sleep .1; exit 7) & wait $!', 'echo $?')
    assert traced.stdout == '7\n'
    assert traced.line('sh') == 'fork P1 | [1] P1 | wait | reap P1=7 | $?=7'
    assert traced.line('P1') == 'fork P2 | wait | reap P2 | exit 7'
    assert traced.asleep('P2') == ['sleep 100 ms']


def test_a_fifo(trace: Trace) -> None:
    asleep = 'while read l </proc/$!/stat; do case $l in (*") S "*) break; esac; done'
    traced = trace(f'cat <ff & {asleep}; echo hi >ff; wait', 'rm ff', before='mkfifo ff')
    assert traced.stdout == 'hi\n'
    assert traced.line('P1') == 'open ① | ①→0 | close ①r | exec cat | read ① 3 B | "hi\\n" ' \
        '| EOF ① | close ①r | exit 0'
    assert traced.asleep('P1')[0] == 'open ①: nobody has opened the other end'


def test_a_signal_that_is_sent(trace: Trace) -> None:
    traced = trace('sleep 100 & kill $!; wait $!', 'echo $?')
    assert traced.stdout == '143\n'
    assert 'kill SIGTERM P1' in traced.line('sh')
    assert traced.line('P1').endswith('signal SIGTERM by sh | †SIGTERM')
    assert 'reap P1=†SIGTERM' in traced.line('sh')


def test_stop_and_continue(trace: Trace) -> None:
    traced = trace('set -m; sh -c "kill -STOP \\$\\$; exit 3"; echo $?; kill -CONT %1; wait %1',
                   'echo $?')
    assert traced.stdout == '147\n3\n'
    assert traced.line('P1').endswith(
        'kill SIGSTOP P1 | signal SIGSTOP by P1 | stop SIGSTOP | continue '
        '| signal SIGCONT by sh | exit 3')
    assert 'P1 stopped' in traced.line('sh')


def test_this_shell_is_changed_as_without(trace: Trace) -> None:
    traced = trace('x=2; cd /; f() { :; }; trap "echo bye" EXIT; set -- a b; false',
                   'echo $? ${PIPESTATUS[@]} $x $PWD $#; command -v f')
    assert traced.stdout == '1 1 2 / 2\nf\nbye\n'
    assert traced.line('sh') == '$?=1'


def test_within_a_trace(trace: Trace) -> None:
    traced = trace('trace "echo hi"; (trace "echo ho"); echo $?')
    assert traced.stdout == 'hi\nho\n0\n'
    assert traced.stderr.count('this shell is traced already') == 2


def test_a_shell_that_ends_and_one_that_becomes_a_program(trace: Trace) -> None:
    traced = trace('echo a; exit 3', 'echo not here')
    assert (traced.stdout, traced.status) == ('a\n', 3)
    assert traced.line('sh') == '"a\\n" | $?=3'
    traced = trace('exec ls f', 'echo not here')
    assert (traced.stdout, traced.status) == ('f\n', 0)
    assert traced.line('sh') == 'exec ls'


def test_what_needs_no_process(trace: Trace) -> None:
    def processes(options: str) -> list[str]:
        traced = trace('(x=1); echo a | cat', options=options)
        lines.append(traced.line('sh'))
        return [process['id'] for process in traced.story['procs']]
    lines: list[str] = []
    assert processes('--as-is') == ['sh', 'P1']
    assert lines[0].startswith('no process: (x=1) | pipe ① | write ① 2 B | no process: echo a')
    assert processes('') == ['sh', 'P1', 'P2', 'P3']


def test_without_reads_and_writes(trace: Trace) -> None:
    traced = trace(PIPELINE, options='--no-io')
    assert traced.stdout == '2\n'
    assert traced.line('P1') == 'close ①r | ①→1 | close ①w | exec grep | open f | close ①w ' \
        '| exit 0'


def test_a_flood_is_counted(trace: Trace) -> None:
    traced = trace('head -c 20000000 /dev/zero | cat >/dev/null')
    steps = [step for step in traced.story['steps'] if step['k'] in ('read', 'write')]
    assert len(steps) < 1000
    pipe = next(each for each in traced.story['objects'] if each['id'] == '①')
    assert pipe['bytes'] == 20_000_000
    assert traced.story['incomplete'] == []


def test_threads_and_a_daemon(trace: Trace) -> None:
    program = ('import os, threading; t = threading.Thread(target=os.write, args=(1, b"t")); '
               't.start(); t.join(); os.fork() or (os.setsid(), os.fork() and os._exit(0), '
               'os.getppid(), os._exit(3))')
    traced = trace(f'{sys.executable} -I -S -c "$program" | cat', before=f"program='{program}'")
    assert traced.stdout == 't'         # until the daemon has ended: it has the pipe
    assert traced.story['incomplete'] == []
    ends = [process['end'] for process in traced.story['procs'][1:]]
    assert sorted(map(str, ends)) == [str({'exit': 0})] * 3 + [str({'exit': 3})]


@pytest.mark.parametrize(('program', 'exit'), [
    ('threading.Thread(target=os.execv, args=("/bin/sh", ["sh", "-c", "exit 5"])).start(); '
     'threading.Event().wait()', 5),
    ('threading.Thread(target=behind).start(); ctypes.CDLL(None).pthread_exit(None)', 6)])
def test_a_first_thread_that_ends_before_others(trace: Trace, program: str, exit: int) -> None:
    """The process goes on, perhaps as another program."""
    (trace.folder / 'program').write_text(f"""
import ctypes, os, threading, time
def behind():
    while ') Z' not in open(f'/proc/self/task/{{os.getpid()}}/stat').read():
        time.sleep(.01)
    os._exit(6)
{program}""")
    traced = trace(f'{sys.executable} -I -S program; echo $?')
    assert traced.stdout == f'{exit}\n'
    assert traced.story['incomplete'] == []
    assert traced.story['procs'][1]['end'] == {'exit': exit}
    if exit == 5:
        assert traced.line('P1').endswith('| exec sh | exit 5')


def test_without_descriptors_for_a_recorder(trace: Trace) -> None:
    traced = trace.start([*trace.minishell, '-c',
                          "ulimit -n 10; trace -o story.json 'echo a | cat'"])
    assert (traced.stdout, traced.status) == ('a\n', 0)
    assert [text for text in traced.story['incomplete'] if 'killed' in text] == []


def test_a_child_that_is_not_to_be_traced(trace: Trace) -> None:
    """It would have the filter without a tracer: no write, no close."""
    known = NUMBERS[os.uname().machine]
    program = f"""
import ctypes, os, sys
call = ctypes.CDLL(None).syscall
flags = ctypes.c_ulong(0x00800011)      # CLONE_UNTRACED, SIGCHLD
structure = (ctypes.c_ulong * 11)(flags.value - 17, 0, 0, 0, 17)
for number, arguments in (({known["clone"]}, (flags, None, None, None, None)),
                          ({known["clone3"]}, (structure, ctypes.c_ulong(88)))):
    child = call(number, *arguments)
    if not child:
        os.write(1, b"child")
        os._exit(4)
    print(os.waitpid(child, 0)[1] >> 8, flush=True)
"""
    (trace.folder / 'program').write_text(program)
    traced = trace(f'{sys.executable} -I -S program')
    assert traced.stdout == 'child4\nchild4\n', traced.stderr
    assert [process['end'] for process in traced.story['procs'][2:]] == [{'exit': 4}] * 2
    assert traced.line('P2') == traced.line('P3') == '"child" | exit 4'


def test_signals_that_are_blocked_wait_and_merge(trace: Trace) -> None:
    traced = trace('sigmask -b USR1; kill -USR1 $$; kill -USR1 $$; sigmask -u USR1; :',
                   before='trap "echo got" USR1')
    assert traced.stdout == 'got\n'
    assert traced.line('sh') == 'kill SIGUSR1 sh | SIGUSR1 pending | kill SIGUSR1 sh ' \
        '| SIGUSR1 merged | signal SIGUSR1 by sh | trap USR1 | "got\\n" | $?=0'


def test_a_set_user_id_bit_has_no_effect(trace: Trace) -> None:
    found = [path for path in map(shutil.which, ('passwd', 'su', 'newgrp'))
             if path and Path(path).stat().st_mode & 0o4000 and Path(path).stat().st_uid == 0]
    if not found:
        pytest.skip('there is no set-user-ID program of root')
    traced = trace(f'{found[0]} --nothing <f >/dev/null 2>&1; getpid -p >/dev/null')
    notes = [note for note in traced.story['notes'] if 'set-user-ID' in note]
    assert len(notes) == (trace.uid != 0)


def test_a_script_and_a_string(trace: Trace) -> None:
    traced = trace.start([*trace.minishell, '--trace=story.json', '-c',
                          'trap "echo bye" EXIT; echo a | cat; /bin/true'])
    assert (traced.stdout, traced.status) == ('a\nbye\n', 0)
    assert traced.line('sh').endswith(
        'fork P3 | wait | reap P3 | trap EXIT | "bye\\n" | $?=0')
    assert traced.line('P3') == 'exec true | exit 0'
    for options, message in ((['--trace=x', 'f'], 'a file of a trace ends in'),
                             (['--trace=nosuch/x.svg', 'f'], 'No such file')):
        traced = trace.start([*trace.minishell, *options])
        assert traced.status in (1, 2)
        assert message in traced.stderr


def test_text(trace: Trace) -> None:
    traced = trace.start([*trace.minishell, '-c', f"trace '{PIPELINE}'"])
    assert traced.stdout == '2\n'
    lines = traced.stderr.splitlines()
    assert lines[0] == PIPELINE
    assert re.fullmatch(r'3 processes, 2 pipes, .*, \$\? 0; seen by ptrace', lines[1])
    assert lines[3].split() == ['ms', 'sh', 'P1', 'P2', 'P3']
    assert any('(1)->1' in line.split() for line in lines)
    assert traced.stderr.isascii()


@pytest.mark.parametrize('options', ['', '-g'])
def test_names_do_not_move_the_cursor(trace: Trace, options: str) -> None:
    commands = r"/bin/echo $'a\e[1mb\nc\x9b' >$'f\e[2J'; nonesuch $'\e' 2>/dev/null"
    traced = trace.start([*trace.minishell, '-c', f'trace {options} "$1"', 'sh', commands])
    assert not re.search('[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f]', traced.stderr)
    assert 'f^[[2J' in traced.stderr
    assert all(re.match(r'[\w /$:;0-9.]', line) for line in traced.stderr.splitlines() if line)


def test_what_cannot_be_traced_is_run(trace: Trace) -> None:
    traced = trace.start([*trace.minishell, '-c',
                          'trace -o nosuch/x.json "echo hi"; echo $?'])
    assert (traced.stdout, traced.status) == ('1\n', 0)
    for wrong in ('', '-x ls', '-o x.txt ls', '-o'):
        traced = trace.start([*trace.minishell, '-c', f'trace {wrong}'])
        assert (traced.stdout, traced.status) == ('', 2)


# -- where something is amiss -----------------------------------------------------------------


def test_a_recorder_that_is_killed(trace: Trace) -> None:
    traced = trace('sleep 100 & read p <go; { kill -9 $p; } | cat; wait $!; echo $?',
                   'echo $?; cat f | grep -c x', before="""
        mkfifo go; { sleep .01; while :; do
            while read a b; do case $a in TracerPid:) break; esac; done </proc/$$/status
            case $b in 0) ;; *) echo $b >go; break; esac; done; } &""")
    assert traced.stdout.endswith('137\n0\n4\n'), traced.stderr
    assert any('the recorder has been killed' in text for text in traced.story['incomplete'])


def test_no_ptrace(trace: Trace) -> None:
    def deny() -> None:
        from struct import pack

        from minishell.system import callnumbers, seccomp
        number = {'x86_64': 101, 'aarch64': 117}[os.uname().machine]
        assert callnumbers.architecture()
        seccomp.install(b''.join(pack('=HBBI', *each) for each in (
            (0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000))))
    traced = trace(PIPELINE, 'echo $? ${PIPESTATUS[@]}', preexec_fn=deny)
    assert (traced.stdout, traced.stderr) == ('2\n0 0 0 0\n', '')
    assert traced.story['engine'] == 'samples'
    assert 'what programs read, write, open and close is not known' in \
        traced.story['incomplete'][0]
    assert traced.line('sh') == FORM.splitlines()[0].removeprefix('sh ')
    assert traced.line('P1') == 'close ①r | ①→1 | close ①w | exec grep | exit 0'
    assert {step['conf'] for step in traced.story['steps'] if step['k'] == 'exit'} \
        == {'inferred'}


FAULTY = """
import os, random, sys
sys.path.insert(0, sys.argv[1])
from minishell.glass import calls, recorder
from minishell.session import build_shell, run_script
from minishell.syntax.source import Source
random.seed(sys.argv[2])
def faulty(function):
    def call(*arguments):
        if random.random() < .1:
            raise ValueError('injected')
        return function(*arguments)
    return call
for where, names in ((calls.Calls, ('entered', 'left', 'cut', 'executed')),
                     (recorder.Recorder, ('_begin', '_note_stop', '_forked', '_group_stop'))):
    for name in names:
        setattr(where, name, faulty(getattr(where, name)))
os._exit(run_script(build_shell('sh', dict(os.environb)), Source(sys.argv[3], 'sh')))
"""


@pytest.mark.parametrize('seed', range(4))
def test_a_recorder_that_fails_hurts_nobody(trace: Trace, root: Path, seed: int) -> None:
    traced = trace.start([
        sys.executable, '-I', '-c', FAULTY, str(root), str(seed),
        f"trace -o story.json '{PIPELINE}; (exit 3)'; echo $?"])
    assert (traced.stdout, traced.stderr, traced.status) == ('2\n3\n', '', 0)
    assert 'ValueError: injected' in traced.story['incomplete']


def test_pipes_that_are_opened_by_name(trace: Trace) -> None:
    traced = trace('cat <(echo a) | cat /dev/fd/0; cat /proc/self/fd/0 <f | wc -l')
    assert traced.stdout == 'a\n5\n'
    assert traced.story['incomplete'] == []


def test_limits_of_the_shell_hold_for_what_is_traced(trace: Trace) -> None:
    traced = trace('(echo a | cat)', 'echo $?', before='ulimit -f 0')
    assert traced.stdout == 'a\n0\n'
    assert 'File too large' in traced.stderr
    traced = trace('echo a | cat', 'echo $?', before='ulimit -n 11')
    assert traced.stdout == 'a\n0\n'


def test_traps_and_jobs_know_nothing_of_the_recorder(trace: Trace) -> None:
    traced = trace(':', 'jobs; wait; wait -n; echo $?', before='trap "echo c" CHLD')
    assert traced.stdout == '127\n'
    traced = trace('sleep 100 & :', 'jobs | grep -c .; kill $!; wait $!; echo $?')
    assert traced.stdout == '1\n143\n'


def test_what_is_foretold_is_marked(trace: Trace) -> None:
    traced = trace.start(
        [*trace.minishell, '-c',
         "trace --predict -o story.json 'yes | head -1'; read x; echo $x"],
        '2\n3\nSIGPIPE\n\nrest\n')
    assert traced.stdout == 'y\nrest\n'
    assert traced.stderr.endswith(
        'processes: 2, as foretold\npipes: 1, not 3\nsignals: PIPE, as foretold\n'
        'status: 0, not what was left open\nforetold: 2 of 4\n')


@pytest.mark.parametrize('program', ['sh', 'dash', 'bash'])
def test_the_pipeline_of_another_shell(trace: Trace, program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f'there is no {program}')
    traced = trace(f'{program} -c "echo d | cat; :"')
    assert traced.stdout == 'd\n'
    assert traced.line('P3').endswith('exec cat | read ① 2 B | "d\\n" | EOF ① | close ①r '
                                      '| exit 0')
    assert traced.story['incomplete'] == []


def test_bytes_that_are_no_characters(trace: Trace) -> None:
    for ending in ('json', 'html', 'svg', 'perfetto.json'):
        traced = trace.start([
            *trace.minishell, '-c',
            r'name=$(printf "x\377<&"); trace -o story.' + ending +
            r""" 'printf "a\\377\\000\\033<b>" | cat >"$name"; cat "$name" | wc -c'"""])
        assert (traced.stdout, traced.stderr, traced.status) == ('7\n', '', 0)
        if ending == 'json':
            says = [step['say'] for step in traced.story['steps'] if step['k'] == 'write']
            assert says[0] == r'P1 writes 7 B into ①: "a\377\0\33<b>"'
            assert traced.story['incomplete'] == []
        assert (trace.folder / f'story.{ending}').stat().st_size > 1000


@pytest.mark.parametrize(('script', 'printed'), [
    ("trace 'echo a' | cat", 'a\n'),
    ("x=$(trace 'echo a'); echo $x", 'a\n'),
    ("f() { local y=1; trace 'y=2; return 3'; echo no; }; f; echo $?", '3\n'),
    ("for i in 1 2; do trace 'echo $i; break'; done; echo $i", '1\n1\n'),
    ('set -e; trace false; echo no', ''),
    ("(trace 'exit 4'); echo $?", '4\n'),
    ("trace 'echo ${x?unset}'; echo no", ''),
    ("trace 'if'; echo no", ''),
    ("set -- a b; trace 'shift; echo $1'; echo $#", 'b\n1\n'),
    ("trace 'read x; read y'; echo $y", 'two\n'),
    ("trace 'cat f | grep -c x; ls f >/dev/null'; hash -t cat ls >/dev/null; echo $?",
     '4\n0\n'),
    ("trace 'wait; jobs; sleep 0 & wait $!'; echo $?", '0\n'),
])
def test_it_is_as_eval(trace: Trace, script: str, printed: str) -> None:
    for text in (script, script.replace('trace', 'eval')):
        ended = trace.start([*trace.minishell, '-c', text], 'one\ntwo\n')
        assert ended.stdout == printed, text


def test_all_that_programs_open(trace: Trace) -> None:
    if b'ld-linux' in Path('/bin/true').read_bytes():
        assert re.search(r'open \S+\.so', trace('/bin/true', options='--all').line('P1'))
    assert trace('/bin/true').line('P1') == 'exec true | exit 0'


def test_files_of_one_name(trace: Trace) -> None:
    traced = trace('cat f d/f', before='mkdir d; echo other >d/f')
    assert traced.line('P1').startswith('exec cat | open f | read f 19 B')
    assert '| open d/f | read d/f 6 B' in traced.line('P1')
    assert len({each['id'] for each in traced.story['objects']}) \
        == len(traced.story['objects'])


def test_a_lock_and_who_has_it(trace: Trace) -> None:
    if not shutil.which('flock'):
        pytest.skip('there is no program flock')
    traced = trace('exec 9<f; flock 9; env flock -x f echo got 9<&- & p=$!; '
                   'while ! grep -q -e "->.* $p " /proc/locks; do :; done; exec 9<&-; wait')
    assert traced.stdout == 'got\n'
    assert 'flock f: sh has the lock' in traced.asleep('P1')
    assert '| lock f |' in traced.line('P1')


FULL = """
import os, sys
sys.path.insert(0, sys.argv[1])
from minishell.glass import recorder
from minishell.session import build_shell, run_script
from minishell.syntax.source import Source
recorder.MOST_FACTS = 30
os._exit(run_script(build_shell('sh', dict(os.environb)), Source(sys.argv[2], 'sh')))
"""


def test_what_is_too_much_is_told(trace: Trace, root: Path) -> None:
    traced = trace.start([sys.executable, '-I', '-c', FULL, str(root),
                          f"trace -o story.json '{PIPELINE}; echo b | cat; /bin/true'"])
    assert (traced.stdout, traced.status) == ('2\nb\n', 0)
    assert 'is not recorded' in traced.story['incomplete'][0]
    assert all(process['end'] is not None for process in traced.story['procs'][1:])


SLOW = """
import os, random, sys, time
sys.path.insert(0, sys.argv[1])
from minishell.glass import calls, recorder
from minishell.session import build_shell, run_script
from minishell.syntax.source import Source
random.seed(sys.argv[2])
def slow(function):
    def call(*arguments):
        if random.random() < .2:
            time.sleep(random.random() / 100)
        return function(*arguments)
    return call
for where, names in ((calls.Calls, ('entered', 'left', 'cut')),
                     (recorder.Recorder, ('_begin', '_note_stop', '_forked'))):
    for name in names:
        setattr(where, name, slow(getattr(where, name)))
real = recorder.ptrace.next_stop
held = []
def next_stop():
    # Of two stops that are there, the later one is now and then told first.
    while not held or random.random() < .5 and len(held) < 2:
        try:
            found = real() if not held else os.waitpid(-1, os.WNOHANG | 0x40000000)
        except ChildProcessError:
            if not held:
                raise
            break
        if not found[0]:
            break
        held.append(found)
    return held.pop()
recorder.ptrace.next_stop = next_stop
os._exit(run_script(build_shell('sh', dict(os.environb)), Source(sys.argv[3], 'sh')))
"""


@pytest.mark.parametrize('seed', range(4))
def test_the_form_does_not_depend_on_the_recorders_haste(trace: Trace, root: Path,
                                                         seed: int) -> None:
    traced = trace.start([sys.executable, '-I', '-c', SLOW, str(root), str(seed),
                          f"trace -o story.json '{PIPELINE}'"])
    assert (traced.stdout, traced.stderr, traced.status) == ('2\n', '', 0)
    assert golden(traced.story) == FORM
    assert traced.story['incomplete'] == []


# -- lanes ------------------------------------------------------------------------------------


def test_lanes_take_the_room_that_there_is() -> None:
    story: Any = told('true', '1 sh fork P1: true\n2 P1 exec true\n'
                      '3 P1 "a text that is longer than a narrow lane"\n4 P1 exit 0')
    words = '"a text that is longer than a narrow lane"'
    assert words in text_of(story, 120)
    assert '"a text that \u2026\n' in text_of(story, 9 + 2 * 15)
    assert '"a text that .\n' in text_of(story, 9 + 2 * 15, False)
    assert max(map(len, text_of(story, 60).splitlines()[2:])) < 60


def test_a_timer_sends_a_signal(trace: Trace) -> None:
    traced = trace('env timeout .01 sleep 100')
    assert 'signal SIGALRM by a timer | ' in traced.line('P1')
