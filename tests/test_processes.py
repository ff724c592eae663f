"""Processes as the kernel sees them: statuses, signals, descriptors, nothing left behind."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import probe  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def script(run: Run, minishell: list[str]) -> Callable[..., str]:
    """Run a script, which must say nothing on standard error; gives what it printed."""
    def start(text: str, status: int = 0, **given: Any) -> str:
        ended = run([*minishell, '-c', text, 'script'], **given)
        assert (ended.stderr, ended.returncode) == ('', status)
        return ended.stdout
    return start


@pytest.fixture
def probed(
    run: Run, minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> Callable[..., dict[str, Any]]:
    """Run a script that runs `probe result`; gives what the probe saw."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    probe.install(folder)
    environment['PATH'] = f'{folder}:{environment["PATH"]}'

    def start(text: str, *options: str, **given: Any) -> dict[str, Any]:
        (tmp_path / 'cwd' / 'script').write_text(text + '\n')
        (tmp_path / 'cwd' / 'f').write_text('one\ntwo\n')
        ended = run([*minishell, *options, 'script'], env=environment, **given)
        assert ended.stderr == ''
        seen = json.loads((tmp_path / 'cwd' / 'result').read_text())
        assert isinstance(seen, dict)
        seen['fds'] = {int(fd): target for fd, target in seen['fds'].items()}
        return seen
    return start


# -- statuses -------------------------------------------------------------------------


def test_yes_into_head_is_silent_and_ends(script: Callable[..., str]) -> None:
    assert script('yes | head -1') == 'y\n'


def test_yes_dies_of_sigpipe(script: Callable[..., str]) -> None:
    assert script('{ yes; echo $? >status; } | head -1; cat status') == 'y\n141\n'
    assert script('{ (yes); echo $? >status; } | head -1; cat status') == 'y\n141\n'


def test_a_builtin_dies_of_sigpipe_too(script: Callable[..., str]) -> None:
    assert script('{ (while echo y; do :; done); echo $? >status; } | head -1; cat status'
                  ) == 'y\n141\n'


@pytest.mark.parametrize('line', [
    "sh -c 'kill -9 $$'; echo $?",
    "(sh -c 'kill -9 $$'); echo $?",
    ": | sh -c 'kill -9 $$'; echo $?",
    "sh -c 'kill -9 $$' & wait $!; echo $?",
    "x=$(sh -c 'kill -9 $$'); echo $?",
    "f() { sh -c 'kill -9 $$'; }; f; echo $?",
    "(sh -c 'kill -9 $$'; exit) & wait $!; echo $?",
])
def test_killed_gives_128_and_the_signal(line: str, run: Run, minishell: list[str]) -> None:
    ended = run([*minishell, '-c', line])
    assert (ended.stdout, ended.returncode) == ('137\n', 0)


@pytest.mark.parametrize('name', ['HUP', 'INT', 'QUIT', 'KILL', 'TERM', 'USR1', 'SEGV'])
def test_the_shell_dies_of_its_own_signals(
    name: str, run: Run, minishell: list[str],
) -> None:
    ended = run([*minishell, '-c', f'ulimit -c 0; kill -{name} $$; sleep 1; echo alive'])
    assert ended.returncode == -signal.Signals['SIG' + name]
    assert ended.stdout == ''


def test_the_last_stage_gives_the_status(script: Callable[..., str]) -> None:
    assert script('sh -c "exit 3" | sh -c "exit 5"; echo $?') == '5\n'
    assert script('sh -c "exit 3" | sh -c "exit 0"; echo $?') == '0\n'


def test_all_stages_are_waited_for(script: Callable[..., str]) -> None:
    text = 'mkfifo go; { read x <go; echo late >file; } | echo >go; cat file'
    assert script(text) == 'late\n'


def test_wait_gives_each_status(script: Callable[..., str]) -> None:
    assert script(
        'sh -c "exit 3" & a=$!; sh -c "exit 4" & b=$!; wait $b; echo $?; wait $a; echo $?; '
        'wait 99999999 2>/dev/null; echo $?') == '4\n3\n127\n'


def test_wait_without_operands_waits_for_all(script: Callable[..., str]) -> None:
    assert script('echo hello >f; cat f >a & cat f >b & wait; echo $?; cat a b'
                  ) == '0\nhello\nhello\n'


# -- descriptors ----------------------------------------------------------------------

STANDARD_ONLY = [
    'probe result; :',
    'probe result',
    'probe result | cat; :',
    ': | probe result',
    ': | probe result | cat',
    'cat f | { probe result; cat; } | cat | cat',
    'probe result & wait',
    'probe result | cat & wait',
    '{ probe result & } >out; wait',
    '(probe result)',
    '(probe result; :); :',
    '( (probe result; :); :); :',
    'x=$(probe result)',
    'x=$(probe result; :)',
    'x=$(: | probe result | :)',
    'x=$(x=$(probe result; :); :)',
    'echo "$(probe result)$(:)"',
    'probe result <<E\ntext\nE',
    'probe result <<E\n$(seq 5000)\nE',
    '{ probe result; :; } <<E\ntext\nE',
    'read x <<E; probe result\ntext\nE',
    'probe result <f >out 2>err',
    '{ probe result; } >out',
    '{ { probe result; :; } >out; } >out2',
    '(probe result; :) >out',
    '{ (probe result; :) | cat; } >out',
    'f() { probe result; }; f >out',
    'f() { { probe result; :; } <f; }; f >out 2>err',
    'while :; do probe result; break; done <f',
    'for i in 1; do probe result; done >out',
    'if probe result; then :; fi <f',
    'case x in x) probe result;; esac >out',
    'eval "probe result; :" >out',
    'command probe result >out',
    'echo "probe result; :" >dotted; . ./dotted',
    'echo "probe result; :" >dotted; . ./dotted >out',
    'exec 3<f; exec 3<&-; probe result',
    'exec 3<f 4<&3; exec 3<&- 4>&-; (probe result)',
    'exec 3<f; probe result 3<&-',
    '{ probe result 3>&-; } 3>out',
    'exec 5>out; exec probe result 5>&-',
    'exec probe result',
    'exec >out; probe result',
    'exec <f; read x; probe result',
    'trap "probe result" EXIT',
    'trap "probe result" USR1; kill -USR1 $$; :',
    'trap "probe result" USR1; (kill -USR1 $$); :',
    'read x <f; probe result',
    'x=1 probe result',
    'cd / && cd "$OLDPWD" && probe result',
    'for i in *; do :; done; probe result',
    'echo "probe result" >plain; chmod +x plain; ./plain',
    'echo error 2>/dev/null >&2 | probe result',
    '{ { :; } 3</nonexistent; cat 4<&9 3>/dev/null; } 2>/dev/null; probe result',
]


@pytest.mark.parametrize('text', STANDARD_ONLY)
def test_children_get_three_descriptors(
    text: str, probed: Callable[..., dict[str, Any]],
) -> None:
    assert sorted(probed(text)['fds']) == [0, 1, 2]


def test_children_of_a_script_on_standard_input(
    probed: Callable[..., dict[str, Any]], run: Run, minishell: list[str],
    environment: dict[str, str], tmp_path: Path,
) -> None:
    run([*minishell], stdin='probe result\n', env=environment)
    seen = json.loads((tmp_path / 'cwd' / 'result').read_text())
    assert sorted(seen['fds']) == ['0', '1', '2']


@pytest.mark.parametrize(('text', 'expected'), [
    ('probe result 3>out', [0, 1, 2, 3]),
    ('exec 3>out; probe result', [0, 1, 2, 3]),
    ('exec 3>out; : | probe result', [0, 1, 2, 3]),
    ('exec 3>out; probe result & wait', [0, 1, 2, 3]),
    ('exec 3>out; (probe result; :)', [0, 1, 2, 3]),
    ('exec 3>out; x=$(probe result; :)', [0, 1, 2, 3]),
    ('{ probe result; } 4>out 5<&0', [0, 1, 2, 4, 5]),
    ('{ { probe result; } 4>&1; } >out', [0, 1, 2, 4]),
    ('probe result 9<<E\ntext\nE', [0, 1, 2, 9]),
    ('probe result 7<>out 8<f', [0, 1, 2, 7, 8]),
    ('probe result <&-', [1, 2]),
    ('probe result >&-', [0, 2]),
    ('probe result <&- >&-', [2]),
    ('exec <&-; probe result', [1, 2]),
    ('exec <&- >&-; (probe result; :)', [2]),
    ('{ probe result; } >&-', [0, 2]),
    ('exec >&-; : | probe result', [0, 2]),
    ('exec <&-; probe result | :', [1, 2]),
])
def test_children_get_what_they_are_given(
    text: str, expected: list[int], probed: Callable[..., dict[str, Any]],
) -> None:
    assert sorted(probed(text)['fds']) == expected


def test_a_pipeline_joins_neighbours(
    probed: Callable[..., dict[str, Any]], tmp_path: Path,
) -> None:
    middle = probed('probe left | probe result | probe right')['fds']
    left = json.loads((tmp_path / 'cwd' / 'left').read_text())['fds']
    right = json.loads((tmp_path / 'cwd' / 'right').read_text())['fds']
    assert left['1'] == middle[0]
    assert middle[1] == right['0']
    assert len({left['1'], middle[1], left['0'], right['1']}) == 4


def test_a_background_job_reads_the_null_device(
    probed: Callable[..., dict[str, Any]],
) -> None:
    assert probed('probe result & wait')['fds'][0] == '/dev/null'
    assert probed('(probe result; :) & wait')['fds'][0] == '/dev/null'
    assert probed('probe result <f & wait')['fds'][0].endswith('/cwd/f')
    assert probed('probe result | cat & wait')['fds'][0] == '/dev/null'


# -- signals and groups ---------------------------------------------------------------


@pytest.mark.parametrize('text', [
    'probe result; :', 'exec probe result', 'probe result | cat', 'cat f | probe result',
    'x=$(probe result)', '(probe result; :)', 'trap "echo no" INT USR1 PIPE; probe result',
    'trap "probe result" EXIT', 'trap "" USR1; trap - USR1; probe result',
    'trap "probe result" USR1; kill -USR1 $$; :', 'read x <f; probe result',
    'trap : USR1 CHLD; (probe result; :)', 'trap : USR1; probe result | cat',
    'sleep 0 & wait; probe result', 'sleep 0 & wait $!; probe result | cat',
])
def test_children_get_default_dispositions(
    text: str, probed: Callable[..., dict[str, Any]],
) -> None:
    seen = probed(text)
    assert (seen['ignored'], seen['blocked']) == ([], [])


@pytest.mark.parametrize(('text', 'expected'), [
    ('trap "" USR1; probe result; :', ['USR1']),
    ('trap "" PIPE; probe result; :', ['PIPE']),
    ('trap "" USR1; probe result | cat', ['USR1']),
    ('trap "" USR1; (probe result; :)', ['USR1']),
    ('trap "" USR1; x=$(probe result)', ['USR1']),
    ('(trap "" USR1; probe result; :)', ['USR1']),
    ('trap "" USR1; exec probe result', ['USR1']),
    ('probe result & wait', ['INT', 'QUIT']),
    ('(probe result; :) & wait', ['INT', 'QUIT']),
    ('probe result | cat & wait', ['INT', 'QUIT']),
    ('{ : | probe result; } & wait', ['INT', 'QUIT']),
    ('trap "" TERM; probe result & wait', ['INT', 'QUIT', 'TERM']),
])
def test_children_inherit_what_is_ignored(
    text: str, expected: list[str], probed: Callable[..., dict[str, Any]],
) -> None:
    seen = probed(text)
    assert (seen['ignored'], seen['blocked']) == (expected, [])


def test_what_was_ignored_at_entry_stays_so(
    probed: Callable[..., dict[str, Any]], environment: dict[str, str],
    minishell: list[str], tmp_path: Path,
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        seen = probed('trap - HUP; trap "echo no" HUP; kill -HUP $$; probe result; :')
    finally:
        signal.signal(signal.SIGHUP, before)
    assert seen['ignored'] == ['HUP']


@pytest.mark.parametrize('text', [
    'probe result; :', 'probe result | cat', '(probe result; :)', 'x=$(probe result)',
    'probe result & wait',
])
def test_without_job_control_all_are_one_group(
    text: str, probed: Callable[..., dict[str, Any]],
) -> None:
    assert probed(text)['pgrp'] == os.getpgrp()


def test_exec_keeps_the_process(probed: Callable[..., dict[str, Any]],
                                tmp_path: Path) -> None:
    seen = probed('echo $$ >pid; exec probe result')
    assert seen['pid'] == int((tmp_path / 'cwd' / 'pid').read_text())


def test_the_shell_is_the_parent(probed: Callable[..., dict[str, Any]],
                                 tmp_path: Path) -> None:
    for text in ('probe result; :', 'probe result | cat', 'probe result & wait'):
        seen = probed('echo $$ >pid; ' + text)
        assert seen['ppid'] == int((tmp_path / 'cwd' / 'pid').read_text())


# -- files shared with children -------------------------------------------------------


@pytest.mark.parametrize(('text', 'expected'), [
    ('cat <in >out; cat out', '1\n2\n3\n4\n'),
    ('{ read x; cat; } <in', '2\n3\n4\n'),
    ('{ read x; read y; (read z; echo $z); cat; } <in', '3\n4\n'),
    ('exec 3<in; read a <&3; head -n 1 <&3 >/dev/null; read b <&3; echo $a$b', '13\n'),
    ('while read x; do echo "x$x"; head -n 1; done <in', 'x1\n2\nx3\n4\n'),
    ('while read x; do : | cat; echo "x$x"; done <in', 'x1\nx2\nx3\nx4\n'),
    ('(echo a; echo b) >f; echo c >>f; cat f', 'a\nb\nc\n'),
    ('(echo a; sh -c "echo b"; echo c) >f; cat f', 'a\nb\nc\n'),
    ('exec 3>f; echo a >&3; (echo b >&3); sh -c "echo c >&3"; echo d >&3; cat f',
     'a\nb\nc\nd\n'),
    ('{ echo a; echo b & wait; echo c; } >f; cat f', 'a\nb\nc\n'),
    ('{ echo a; echo b | cat; echo c; } >f; cat f', 'a\nb\nc\n'),
    ('{ read x; echo "$(cat)"; } <in', '2\n3\n4\n'),
    ('read x <in; read y <in; echo $x$y', '11\n'),
    ('{ read x; read y; echo $x$y; cat; } <<E\na\nb\nc\nE', 'ab\nc\n'),
    ('cat in | { read x; cat; }', '2\n3\n4\n'),
    ('cat in | { read x; (read y; echo $y); read z; echo $z; }', '2\n3\n'),
    ('echo old >f; cat <f >new; cat f new', 'old\nold\n'),
    ('{ cat; echo end; } <in >f 2>&1; cat f', '1\n2\n3\n4\nend\n'),
    ('echo abc 1<>in; cat in', 'abc\n3\n4\n'),
])
def test_offsets_are_shared(
    text: str, expected: str, script: Callable[..., str], tmp_path: Path,
) -> None:
    (tmp_path / 'cwd' / 'in').write_text('1\n2\n3\n4\n')
    assert script(text) == expected


@pytest.mark.parametrize(('text', 'expected'), [
    ('cat <p & echo hi >p; wait', 'hi\n'),
    ('echo hi >p & cat <p; wait', 'hi\n'),
    ('cat <p | cat & echo hi >p; wait', 'hi\n'),
    ('cat <p | { echo hi >p; }', None),
    ('{ cat <p; } & { echo hi; } >p; wait', 'hi\n'),
    ('(cat) <p & echo hi >p; wait', 'hi\n'),
    ('{ read x <p; echo "got $x"; } & echo hi >p; wait', 'got hi\n'),
    ('x=$(cat <p & echo hi >p; wait); echo "$x"', 'hi\n'),
    ('f() { cat; }; f <p & echo hi >p; wait', 'hi\n'),
    ('while read x; do echo "$x"; done <p & seq 3 >p; wait', '1\n2\n3\n'),
    ('exec 3<>p; echo hi >&3; read x <&3; echo "$x"', 'hi\n'),
    ('mkfifo q; cat <p >q & cat <q & echo hi >p; wait', 'hi\n'),
    ('mkfifo q; tr a b <p >q | tr b c <q | { echo a >p; cat; }', None),
    ('echo hi | cat >p | cat p', 'hi\n'),
    ('cat p | sed s/i/o/ & printf "hi\\n" | tee p >/dev/null; wait', 'ho\n'),
])
def test_fifos_do_not_deadlock(
    text: str, expected: str | None, script: Callable[..., str],
) -> None:
    printed = script('mkfifo p; ' + text)
    if expected is not None:
        assert printed == expected


# -- nothing is left behind -----------------------------------------------------------


MANY = """\
ready() { echo ready; read go; }
f() { return $1; }
for turns in 20 230; do
wait
ready
i=0
while [ $i -lt $turns ]; do
    i=$((i + 1)) x=$i y=$x
    : $((x + y)); : "$x"; : "${x%1}"; true; false; f 0; f 1
    test $x = $i; [ -d / ]; echo $i >/dev/null; printf '%s\\n' $i >/dev/null
    case $x in *0) :;; *) true;; esac
    { :; : 3>&1; } >/dev/null; read line </dev/null; eval :; set -- a b; shift
    : <<E
$x
E
    /bin/true; /bin/false; /bin/true </dev/null >/dev/null; /bin/true 3>&1
    /bin/true | /bin/cat | /bin/cat
    echo $i | { read x; }
    (:; exit 3)
    x=$(echo $i); x=$(/bin/true)
    /bin/true & wait $!
    (exit 1) &
    nonexistent 2>/dev/null
done
done
wait
ready
"""


def test_ten_thousand_commands_leave_nothing(
    minishell: list[str], environment: dict[str, str], tmp_path: Path,
) -> None:
    (tmp_path / 'many').write_text(MANY)
    with subprocess.Popen(
        [*minishell, str(tmp_path / 'many')], env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as shell:
        assert shell.stdin and shell.stdout and shell.stderr
        fds, children = Path(f'/proc/{shell.pid}/fd'), Path(
            f'/proc/{shell.pid}/task/{shell.pid}/children')
        shell.stdin.write('go\n')          # in the first turns it opens what it keeps
        shell.stdin.flush()
        assert [shell.stdout.readline(), shell.stdout.readline()] == ['ready\n'] * 2
        before = {path.name: path.readlink() for path in fds.iterdir()}
        shell.stdin.write('go\n')
        shell.stdin.flush()
        assert shell.stdout.readline() == 'ready\n'
        after = {path.name: path.readlink() for path in fds.iterdir()}
        assert children.read_text() == ''
        assert after == before
        _, errors = shell.communicate('go\n', timeout=60)
    assert (errors, shell.returncode) == ('', 0)


def test_from_within_no_zombie_and_no_descriptor(script: Callable[..., str]) -> None:
    """A child of the shell looks at it after 300 processes of every kind."""
    text = """
    look() { ls /proc/$$/fd; for pid in $(cat /proc/$$/task/$$/children); do
        sed -n 's/^State:.*Z.*/zombie/p' /proc/$pid/status 2>/dev/null; done; }
    for turns in 20 50; do      # in the first ones it opens what it keeps
        mv after before 2>/dev/null; i=0
        while [ $i -lt $turns ]; do
            i=$((i + 1)); true | cat; (:); x=$(echo); /bin/true & wait; /bin/true
        done
        look >after
    done
    cmp before after && grep -c zombie after
    """
    assert script(text, status=1) == '0\n'


def test_background_jobs_never_waited_for_leave_no_zombies(
    script: Callable[..., str],
) -> None:
    """At most the last few: the shell reaps what has ended when it starts another."""
    text = """
    i=0
    while [ $i -lt 200 ]; do i=$((i + 1)); /bin/true & done
    wait
    for pid in $(cat /proc/$$/task/$$/children); do
        grep -s '^State:.*Z' /proc/$pid/status; done; echo end
    """
    assert script(text) == 'end\n'


# -- the script on standard input -------------------------------------------------------


STDIN_SCRIPTS = [
    ('read x\nhello\necho $x\n', 'hello\n'),
    ('cat\nthe rest\nof it\n', 'the rest\nof it\n'),
    ('(cat)\nthe rest\n', 'the rest\n'),
    ('echo a; cat\nb\n', 'a\nb\n'),
    ('{ read x; read y; }\n1\n2\necho "$x-$y"\n', '1-2\n'),
    ('while read x; do echo "<$x>"; done\na\nb\n', '<a>\n<b>\n'),
    ('x=$(cat)\na\nb\n', ''),
    ('if read x\nthen echo "$x"\nfi\nline\necho end\n', 'line\nend\n'),
    ('cat <<E; read x\nbody\nE\nline\necho "$x"\n', 'body\nline\n'),
    ('exec cat\nthe rest\n', 'the rest\n'),
    ('read x </dev/null\necho end\n', 'end\n'),
    ('cat </dev/null\necho end\n', 'end\n'),
    ('cat & wait\necho end\n', 'end\n'),
    (': | cat\necho end\n', 'end\n'),
    ('echo no newline', 'no newline\n'),
    ('', ''),
    ('\n\n# only a comment', ''),
    ('exit 0\nfi\n', ''),
]


@pytest.mark.parametrize(('text', 'expected'), STDIN_SCRIPTS)
def test_a_script_on_standard_input_is_shared(
    text: str, expected: str, run: Run, minishell: list[str], tmp_path: Path,
    environment: dict[str, str],
) -> None:
    from_pipe = run(minishell, stdin=text)
    assert (from_pipe.stdout, from_pipe.stderr, from_pipe.returncode) == (expected, '', 0)
    (tmp_path / 'text').write_text(text)
    with (tmp_path / 'text').open() as file:
        from_file = subprocess.run(
            minishell, stdin=file, capture_output=True, text=True, timeout=60,
            env=environment, check=False)
    assert (from_file.stdout, from_file.stderr, from_file.returncode) == (expected, '', 0)


def test_a_program_takes_a_line_of_the_script_from_a_file(
    minishell: list[str], tmp_path: Path, environment: dict[str, str],
) -> None:
    (tmp_path / 'text').write_text('head -n 1\nline\necho after\n')
    with (tmp_path / 'text').open() as file:
        ended = subprocess.run(minishell, stdin=file, capture_output=True, text=True,
                               timeout=60, env=environment, check=False)
    assert ended.stdout == 'line\nafter\n'


def test_a_line_runs_before_the_next_is_there(
    minishell: list[str], environment: dict[str, str],
) -> None:
    with subprocess.Popen(minishell, env=environment, text=True, bufsize=1,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shell:
        assert shell.stdin and shell.stdout
        for word in ('one', 'two', 'three'):
            shell.stdin.write(f'echo {word}\n')
            assert shell.stdout.readline() == word + '\n'
        shell.stdin.close()
        assert shell.wait(60) == 0


@pytest.mark.parametrize(('options', 'text', 'expected'), [
    (['-s', 'a', 'b'], 'echo "$0" "$#" "$2"', None),
    (['-s', '--', '-a', 'b'], 'echo "$1"', '-a\n'),
    (['-s'], 'echo "$#"', '0\n'),
    (['-s', '-e'], 'false; echo no', ''),
    (['-'], 'echo "$#"', '0\n'),
])
def test_dash_s(
    options: list[str], text: str, expected: str | None, run: Run, minishell: list[str],
) -> None:
    ended = run([*minishell, *options], stdin=text)
    assert ended.stderr == ''
    assert ended.stdout == ('minishell 2 b\n' if expected is None else expected)


def test_interactive_with_a_pipe(run: Run, minishell: list[str],
                                 environment: dict[str, str]) -> None:
    """Prompts on standard error; neither an error nor a false `set -e`-less status ends it."""
    environment['PS1'] = '<PS1>'
    environment['PS2'] = '<PS2>'
    ended = run([*minishell, '-i'], stdin='echo hi\nfi\n: ${x?no}\necho \\\nthere\nfalse\n',
                env=environment)
    assert ended.stdout == 'hi\nthere\n'
    assert '<PS1><PS1>' in ended.stderr     # behind `no job control in this shell`
    assert '<PS2>' in ended.stderr
    assert ended.returncode == 1


@pytest.mark.parametrize('text', [
    'echo before\nfi\necho after\n', 'echo before\necho "open\necho after\n',
    'echo before\nif true; then\necho after\n', 'echo before\ncase x in\n',
    'echo before\necho after; fi\n', 'echo before\n(echo after\n',
    'echo before\necho after |\n', 'echo before\n$(echo after\n', 'echo before\n;;\n',
    'echo before\n)\necho after\n', 'echo before\nfor 1 in a; do :; done\necho after\n',
])
def test_a_syntax_error_stops_what_comes_behind(
    text: str, run: Run, minishell: list[str], tmp_path: Path,
) -> None:
    (tmp_path / 'cwd' / 'file').write_text(text)
    for ended in (run(minishell, stdin=text), run([*minishell, '-c', text]),
                  run([*minishell, './file'])):
        assert (ended.stdout, ended.returncode) == ('before\n', 2)
        assert ': line ' in ended.stderr
        assert 'Traceback' not in ended.stderr
