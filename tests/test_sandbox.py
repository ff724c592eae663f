"""The sandbox of the preview: the kernel's word that nothing is changed from inside."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minishell.interactive.preview import why_not
from minishell.interactive.sampling import part_of
from minishell.session import build_shell
from minishell.state.settings import settings_of
from minishell.system import sandbox

ROOT = Path(__file__).resolve().parent.parent
STRACE = shutil.which('strace')
needs_sandbox = pytest.mark.skipif(bool(sandbox.missing()), reason='no Landlock')
# A preview of the first argument, with time enough for a busy machine.
PREVIEW = """if True:
    import os, signal, sys
    sys.path.insert(0, sys.argv[1])
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    from minishell.interactive.sampling import part_of
    from minishell.interactive.sandboxed import Run, run_part
    from minishell.session import build_shell
    shell = build_shell('minishell', dict(os.environb))
    part, why = part_of(shell, sys.argv[2])
    assert part is not None, why
    run = Run(shell, lambda shell: run_part(shell, part), 60, programs=len(sys.argv) < 4)
    run.finish(60)
    sys.stdout.buffer.write(run.output)
    sys.stdout.flush()
    sys.stderr.buffer.write(run.errors)
"""
CHANGES = frozenset((
    'bind', 'chmod', 'chown', 'connect', 'creat', 'delete_module', 'fchmod', 'fchmodat',
    'fchmodat2', 'fchown', 'fchownat', 'fremovexattr', 'fsetxattr', 'ftruncate',
    'futimesat', 'ioperm', 'kill', 'lchown', 'link', 'linkat', 'listen', 'lremovexattr',
    'lsetxattr', 'mkdir', 'mkdirat', 'mknod', 'mknodat', 'mount', 'pidfd_send_signal',
    'pivot_root', 'ptrace', 'removexattr', 'rename', 'renameat', 'renameat2', 'rmdir',
    'rt_sigqueueinfo', 'sendmsg', 'sendto', 'setdomainname', 'sethostname', 'setpgid',
    'setpriority', 'setsid', 'settimeofday', 'setxattr', 'symlink', 'symlinkat', 'tgkill',
    'tkill', 'truncate', 'umount2', 'unlink', 'unlinkat', 'utime', 'utimensat', 'utimes',
))
WRITES = frozenset(('write', 'writev', 'pwrite64', 'pwritev'))
FOR_WRITING = re.compile('O_WRONLY|O_RDWR|O_TRUNC')    # a new file is seen by state_of


def preview(text: str, folder: Path, *before: str, alone: bool = False,
            ) -> subprocess.CompletedProcess[str]:
    """What is printed and said by a preview in a folder; `alone`: no program may be run."""
    return subprocess.run(
        [*before, sys.executable, '-I', '-S', '-X', 'utf8', '-c', PREVIEW, str(ROOT), text,
         *['alone'] * alone],
        cwd=folder, capture_output=True, text=True, check=True, timeout=120,
        stdin=subprocess.DEVNULL, env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8',
                                       'HOME': str(folder)})


def changes_inside(log: str) -> list[str]:
    """The calls of sandboxed processes that have changed something."""
    inside: set[str] = set()
    begun: dict[str, str] = {}          # calls that another process has broken in two
    early: dict[str, list[str]] = {}    # of a process whose parent is told of its birth later
    found: list[str] = []
    for line in log.splitlines():
        pid, _, call = line.partition(' ')
        call = call.strip()
        if call.endswith(' <unfinished ...>'):
            begun[pid] = call.removesuffix(' <unfinished ...>')
            continue
        if call.startswith('<... '):
            call = begun.pop(pid, '') + call.partition(' resumed>')[2]
        match = re.match(r'(\w+)\((.*)\)\s+= (-?\d+)', call)
        if match is None:
            continue
        name, arguments, result = match[1], match[2], int(match[3])
        if name == 'prctl' and 'SECCOMP' in arguments and result == 0:
            inside.add(pid)
        elif result < 0:
            continue
        elif name in ('clone', 'clone3', 'fork', 'vfork'):
            if pid in inside:
                inside.add(str(result))
                found += early.pop(str(result), [])
        elif name in CHANGES or name in WRITES and not re.match('[12],', arguments) \
                or name in ('open', 'openat') and FOR_WRITING.search(arguments) \
                and '"/dev/null"' not in arguments:
            (found if pid in inside else early.setdefault(pid, [])).append(call)
    assert inside
    return found


def state_of(folder: Path) -> list[tuple[str, tuple[int, ...]]]:
    """What can be changed of the files of a folder, but for when they were read."""
    found = []
    for path in folder.iterdir():
        stat = path.stat()
        found.append((path.name, (stat.st_size, stat.st_mode, stat.st_mtime_ns,
                                  stat.st_ctime_ns, stat.st_nlink, stat.st_uid)))
    return sorted(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file and a folder."""
    (tmp_path / 'f').write_text('hello\n')
    (tmp_path / 'd').mkdir()
    return tmp_path


@needs_sandbox
@pytest.mark.parametrize('command', [
    'echo x >f', 'echo x >>f', 'echo x >new', ': >f', 'rm f', 'mv f g', 'mkdir e', 'rmdir d',
    'truncate -s 0 f', 'sed -i s/h/x/ f', 'chmod 600 f', 'chown 1 f', 'touch f', 'touch new',
    'touch -a -d 2001-01-01 f', 'ln f g', 'ln -s f g', 'mkfifo p', 'cp f g', 'kill -0 $PPID',
    'kill -9 %d', 'tee f </dev/null', 'dd of=f conv=notrunc count=0 if=/dev/null',
    'hostname changed', 'nice -n 5 true', 'setsid -f true', 'unshare -r true',
    'chattr +i f', 'setfattr -n user.x -v y f', 'flock f true',
])
def test_nothing_is_changed(command: str, folder: Path) -> None:
    """awk is on the list, and it starts a shell."""
    if STRACE is None or subprocess.run([STRACE, '-f', '-o', '/dev/null', 'true'], check=False,
                                        capture_output=True).returncode:
        pytest.skip('strace is not installed, or may not trace')
    before = state_of(folder)
    sleeper = subprocess.Popen(['sleep', '1000'])
    try:
        line = command.replace('%d', str(sleeper.pid))
        log = folder.parent / f'{folder.name}.log'
        done = preview(f"""awk 'BEGIN {{ print system("{line}") "." }}'""", folder, STRACE,
                       '-f', '-qq', '-o', str(log))
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
    assert re.search(r'^\d+\.$', done.stdout, re.MULTILINE), done
    assert changes_inside(log.read_text()) == []
    assert before == state_of(folder)


@needs_sandbox
def test_no_connection(folder: Path) -> None:
    """Neither to a port nor to a socket of a file system."""
    code = ('import socket; s = socket.socket(socket.{}); s.bind({}); s.listen(); '
            'socket.socket(socket.{}).connect(s.getsockname())')
    for kind, place in (('AF_INET', ('127.0.0.1', 0)), ('AF_UNIX', 's')):
        program = code.format(kind, repr(place), kind)
        (folder / 'program').write_text(program)
        done = preview(f"awk 'BEGIN {{ system(\"{sys.executable} program\") }}'", folder)
        assert 'PermissionError' in done.stderr, done
        done = subprocess.run([sys.executable, 'program'], cwd=folder, check=True)
    assert sandbox.missing() == ''


@needs_sandbox
@pytest.mark.parametrize(('text', 'output'), [
    ('cat f', 'hello\n'), ('cat f | tr a-z A-Z', 'HELLO\n'), ('ls | sort -r | head -1', 'f\n'),
    ('yes | head -2 | wc -l', '2\n'), ('echo $HOME | sed s,.*/,,', None),
    ('x=3; echo $((x + 1)) $(echo hi)', '4 hi\n'), ('cat <f', 'hello\n'),
    ('rev <<<abc', 'cba\n'),
    ('cd d && pwd | grep -o "d$"', 'd\n'), ('ls nothing 2>/dev/null', ''),
    ('cat f | while read x; do echo "<$x>"; done', '<hello>\n'),
    ('seq 1000000 | wc -c', '65536\n'),
])
def test_what_is_printed(text: str, output: str | None, folder: Path) -> None:
    done = preview(text, folder)
    assert done.stdout == (f'{folder.name}\n' if output is None else output), done


@needs_sandbox
@pytest.mark.parametrize(('text', 'output'), [
    ('echo f*', 'f\n'), ('cat f', ''), ("x='a[$(cat f >&2)]'; echo $((x))", ''),
    ('echo "$(cat f)"', ''), ('(echo hi) | (read x; echo $x)', ''),
])
def test_alone_it_runs_nothing(text: str, output: str, folder: Path) -> None:
    """Nor is there a process for a part of the shell."""
    done = preview(text, folder, alone=True)
    assert (done.stdout, 'hello' in done.stderr) == (output, False)
    assert text == 'echo f*' or 'Operation not permitted' in done.stderr


@needs_sandbox
def test_what_is_meant_for_others_is_not_read(folder: Path) -> None:
    import os
    os.mkfifo(folder / 'p')
    fd = os.open(folder / 'p', os.O_RDWR)
    os.write(fd, b'mine')
    for text in ('cat p', 'cat *', 'cat <p', 'head -1 <p | wc', 'cat /dev/tty'):
        assert 'reading it may take what is meant for others' in preview(text, folder).stderr
    assert os.read(fd, 10) == b'mine'
    os.close(fd)


@pytest.mark.parametrize(('text', 'part', 'why'), [
    ('ls | sort', 'ls | sort', ''), ('ls | ', 'ls', ''), ('ls | grep "x', 'ls', ''),
    ('ls | rm -r d', 'ls', ''), ('ls | frob | sort', 'ls', ''),
    ('cat f |& sort', 'cat f |& sort', ''),
    ('rm f', '', 'rm is none of the commands that are known to read only'),
    ('rm f | sort', '', 'rm is none of the commands that are known to read only'),
    ('make', '', 'make is none of the commands that are known to read only'),
    ('ls >f', '', '>: a redirection that may write'), ('ls >/dev/null', 'ls >/dev/null', ''),
    ('ls 2>&1 | wc', 'ls 2>&1 | wc', ''),
    ('echo x >&3', '', '>&: a redirection that may write'),
    ('find . -delete', '', 'find would do more than read'), ('sed -i s/a/b/ f', '',
                                                            'sed would do more than read'),
    ('sed s/a/b/ f', 'sed s/a/b/ f', ''), ('sort -o f f', '', 'sort would do more than read'),
    ('echo $(rm f)', '', 'rm is none of the commands that are known to read only'),
    ('cat <(rm f)', '', 'rm is none of the commands that are known to read only'),
    ('$x f', '', 'which command it is would have to be worked out'),
    ('/bin/ls', '', '/bin/ls is none of the commands that are known to read only'),
    ('ls & ', '', 'a command in the background'),
    ('f() { ls; }', '', 'not only commands that read'),
    ('mine x', '', 'mine is a function'), ('', '', 'there is no command'),
    ('if ls', '', 'the line is not whole'), ('tail -f f', '', 'tail would do more than read'),
    ('l | sort', 'l | sort', ''), ('ls | xargs -n 1 cat', 'ls | xargs -n 1 cat', ''),
    ('ls | xargs', 'ls | xargs', ''), ('ls | xargs -I {} wc {}', 'ls | xargs -I {} wc {}', ''),
    ('ls | xargs rm', 'ls', ''), ('ls | xargs sed -i s/a/b/', 'ls', ''),
    ('xargs $x', '', 'which command it is would have to be worked out'),
])
def test_which_part_may_be_run(text: str, part: str, why: str) -> None:
    shell = build_shell('minishell', {b'PATH': b'/usr/bin:/bin'})
    shell.run_text("mine() { :; }; alias l='ls -l'", 'eval')
    found, said = part_of(shell, text)
    assert (found.text if found is not None else '', said) == (part, why)


def test_where_there_is_no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and nothing is run."""
    shell = build_shell('minishell', {})
    assert "bind 'set preview on'" in why_not(shell)
    settings_of(shell).said['preview'] = True
    monkeypatch.setattr(sandbox, '_landlock', lambda: 0)
    assert why_not(shell) == 'no preview: this system lacks Landlock (version 3, Linux 6.2)'
    monkeypatch.setattr(sandbox, 'MACHINE', 'pdp11')
    assert why_not(shell) == 'no preview: this system lacks the system calls of pdp11'
