"""What the course's texts have one type gives what they show: their own programs, at a prompt.

They are numbered as in the inventory of the texts (spec.md beside them).  These are not here:
P2, P8 to P10, P19 and P20 are calls and lines, no programs; P13 is `ps` itself; P21 wants a
full table of processes (test_resource_limits.py); P22's program is not in the texts; P32 to P41
are about files, locks and signals without a program.  The lessons have all of these.
"""
from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minishell.course.transcripts import Comparison

from . import course_texts
from .course_texts import braces, c, fence, lines, repaired, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal
    from .course_texts import Repairs

    Write = Callable[..., None]

pytestmark = [
    pytest.mark.skipif(not course_texts.FOLDER.is_dir(),
                       reason='the texts of the course are not beside the project'),
    pytest.mark.skipif(not shutil.which('gcc'), reason='no C compiler'),
    pytest.mark.skipif(not shutil.which('python3'), reason='no python3'),
]
HANDLER = 'SigCgt'


@pytest.fixture
def compiled(tmp_path: Path) -> Write:
    """Compile a program into the shell's folder, as C was written then."""
    def run(name: str, program: str) -> None:
        (tmp_path / f'{name}.c').write_text(program)
        done = subprocess.run(
            ['gcc', '-std=gnu99', '-w', '-fpermissive', '-O0', '-o', name, f'{name}.c',
             '-pthread'], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return run


@pytest.fixture
def script(tmp_path: Path) -> Write:
    """Write a Python program of the slides."""
    def write(name: str, program: str, repairs: Repairs = []) -> None:      # noqa: B006
        (tmp_path / name).write_text(repaired(program, repairs))
    return write


def to_its_end(shell: Terminal, line: str) -> str:
    """What a program and its children show on the terminal: the last of them has the pipe
    open at 9, whoever its parent is by then."""
    return shell.enter(f'{line} 9>&1 >/dev/tty | cat')


def numbered(shown: list[str], *numbers: str) -> str:
    """Lines of a text, with P1, P2 … for these numbers."""
    whole = '\n'.join(shown) + '\n'
    for index, number in enumerate(numbers):
        whole = re.sub(rf'\b{number}\b', f'P{index + 1}', whole)
    return whole


def status_of(pid: int, name: str) -> int:
    """A mask of /proc/PID/status."""
    found = re.search(rf'{name}:\t(\w+)', Path(f'/proc/{pid}/status').read_text())
    assert found is not None
    return int(found[1], 16)


# -- the slides ---------------------------------------------------------------------------


def test_p1_kill_of_nobody(shell: Terminal, script: Write) -> None:
    nobody = next(pid for pid in range(400_000, 500_000) if not Path(f'/proc/{pid}').exists())
    script('kill0.py', fence('os.kill('), [('12345', str(nobody))])
    shown = shell.enter('python3 kill0.py')
    assert f'print("{shown.strip()}")' in repaired(fence('os.kill('), [('12345', str(nobody))])
    assert 'existe pas' in shown
    assert 'No such process' in shell.enter(f'kill -0 {nobody}')


def test_p3_fork(shell: Terminal, script: Write) -> None:
    script('fork.py', fence('Je suis qui'))
    shown = to_its_end(shell, 'python3 fork.py')
    assert sorted(re.sub(r'\d+', 'N', line) for line in shown.splitlines()) == sorted(
        re.sub(r'\{\}', 'N', line) for line in re.findall(
            r'print\("(.*?)"', fence('Je suis qui')) + re.findall(
            r'print\("(.*qui.*?)"', fence('Je suis qui')))


def test_p4_zombies(shell: Terminal, script: Write) -> None:
    script('zombies.py', fence('Vérifiez que le fils est zombie'))
    shell.type('python3 zombies.py\n')
    shell.until('return pour continuer')
    shell.until_true(lambda: [state for _, _, state in shell.descendants()].count('Z') == 1)
    shell.type('\n')
    shell.until('return pour continuer')
    assert [state for _, _, state in shell.descendants()].count('Z') == 0
    shell.type('\n')
    assert "s'est terminé normalement" in shell.prompt()


def test_p5_orphelins(shell: Terminal, script: Write) -> None:
    script('orphelins.py', fence('Vous avez 20 secondes'), [(r'sleep\(20\)', 'sleep(60)')])
    shown = shell.enter('python3 orphelins.py')
    if 'le fils :' not in shown:            # who speaks first is not said
        shell.until('le fils :')
        shown += 'le fils :' + shell.until('\n')
    child, parent = (int(re.search(rf'{who} : (\d+)', shown)[1])    # type: ignore[index]
                     for who in ('fils', 'père'))
    shell.until_true(lambda: not Path(f'/proc/{parent}').exists())
    stat = Path(f'/proc/{child}/stat').read_text().rpartition(')')[2].split()
    assert int(stat[1]) not in (parent, shell.pid)
    shell.enter(f'kill {child}')


def test_p6_neither_zombies_nor_orphans(shell: Terminal, script: Write) -> None:
    script('nizombie.py', fence('SIGCHLD'),
           [(r'(?m)^ {20,}[^#\s].*\n', ''), (r'os\. exit', 'os._exit')])
    shell.type('python3 nizombie.py\n')
    assert 'Je suis le père' in shell.until('pour continuer')
    shell.type('\n')
    shell.prompt()
    assert shell.enter('echo $?') == '0\n'


def test_p7_runfic(shell: Terminal, script: Write, tmp_path: Path) -> None:
    script('runfic.py', fence('fichier_source_c'),
           [(r'os\.O CREAT.*os\.O WRONLY.*os\.O TRUNC', 'os.O_CREAT|os.O_WRONLY|os.O_TRUNC'),
            ('/tmp/erreurs', 'erreurs')])
    (tmp_path / 'good.c').write_text('#include <stdio.h>\nint main(void) { puts("run"); }\n')
    (tmp_path / 'bad.c').write_text('int main(void) { nothing }\n')
    (tmp_path / 'bin').mkdir()
    for name in ('more', 'vi'):
        (tmp_path / 'bin' / name).write_text(f'#!/bin/sh\necho {name} $1\ncat "$1"\n')
        (tmp_path / 'bin' / name).chmod(0o755)
    shell.enter('PATH=$PWD/bin:$PATH')
    assert shell.enter('python3 runfic.py; echo $?').endswith('\n1\n')
    assert shell.enter('python3 runfic.py nofile.c; echo $?').endswith('\n2\n')
    assert shell.enter('python3 runfic.py good.c') == 'run\n'
    shell.type('python3 runfic.py bad.c\n')
    shown = shell.until('continuer')
    assert 'more erreurs' in shown and 'error' in shown
    shell.type('\n')
    assert 'vi bad.c' in shell.prompt()


def test_p11_grepsortwc(shell: Terminal, script: Write, tmp_path: Path) -> None:
    whole = fence('Création du pipe sort')
    columns = [line for line in whole.splitlines() if not line.strip().startswith('L3 ')]
    right = [line[55:] for line in columns if len(line) - len(line.lstrip()) > 50]
    left = [line for line in columns if len(line) - len(line.lstrip()) <= 50]
    program = '\n'.join(left + right) + '\n'
    script('grepsortwc.py', program, [('"-1"', '"-l"'), (r'(?m)^ +else :', '  else :')])
    (tmp_path / 'fic1').write_text('ab\nAB\ncd\nxb\nab\n')
    line = re.search(r'\n(grep regexp fic1.*)\n', text('000'))
    assert line is not None
    typed = line[1].replace('-1', '-l').replace('regexp', 'b')
    assert shell.enter(typed) == '2\n'
    assert shell.enter('python3 grepsortwc.py b fic1') == '2\n'
    assert shell.enter(typed.replace('-l', '-1')).count('invalid option') == 1


def test_p12_a_fifo_between_strangers(shell: Terminal, script: Write) -> None:
    sender, _, receiver = fence('emetteur.py').partition('# Contenu du fichier recepteur.py')
    script('emetteur.py', sender, [(r'"Coucou\.\.\.\)', '"Coucou...")'), ('/tmp/', '')])
    script('recepteur.py', receiver, [('/tmp/', '')])
    shell.enter('python3 emetteur.py & until [ -p ma_fifo ]; do :; done')
    shown = shell.enter('python3 recepteur.py; wait')
    assert 'Reçu : Coucou...\n' in shown
    assert 'Done' in shown + shell.enter(':')


# -- processes ----------------------------------------------------------------------------


def test_p14_fork1(shell: Terminal, compiled: Write) -> None:
    program = braces('001', r'void main\(\)\{')
    compiled('fork1', c(program))
    shown = to_its_end(shell, './fork1')
    said = re.findall(r'printf\("(.*?)(?:\\n)?"\)', program)[1:]
    assert sorted(shown.splitlines()) == sorted([said[0] + said[1], said[0] + said[2]])


def test_p15_memory_is_copied(shell: Terminal, compiled: Write) -> None:
    program = braces('001', r'#include <unistd.h>\n#include <stdlib.h>\n#include <stdio.h>\n//')
    compiled('nb', c(program))
    wanted = text('001').partition('}Avant fork')[2].splitlines()[:6]
    wanted = ['Avant fork' + wanted[0], *(line for line in wanted[1:] if line[:4] in (
        'Pere', 'Fils'))]

    def plain(line: str) -> str:        # the text's transcript has an accent more
        return re.sub(r'\d{4,}', 'N', line).replace('è', 'e')
    shown = to_its_end(shell, './nb').splitlines()
    assert sorted(map(plain, shown)) == sorted(map(plain, wanted))
    assert shown[0] == wanted[0]
    assert shell.enter('./nb | cat').count(wanted[0]) == 2


def test_p16_the_prompt_comes_first(
    shell: Terminal, compiled: Write, tmp_path: Path,
) -> None:
    compiled('orphan', c(braces('001', r'#include <fcntl.h>'),
                         [(r'sleep\(1\)', 'while (access("go", F_OK)) usleep(1000)')]))
    shell.type('./orphan\n')
    assert 'Pere : Termine !' in shell.prompt()
    (tmp_path / 'go').touch()
    shell.until('Fils : Termine !')


def test_p17_a_zombie(shell: Terminal, compiled: Write) -> None:
    compiled('zombie', c(braces('001', r'#include <fcntl.h>', 1), [
        ('&d', '%d'), (' ad ', ' %d ')]))
    shell.enter('./zombie >/dev/null &')
    shell.until_true(lambda: 'Z' in [state for _, _, state in shell.descendants()])
    assert shell.enter("ps -e -o ppid,stat,comm | awk -v p=$! '$1 == p { print $2 }'")[0] == 'Z'
    shell.enter('kill $!; wait')
    assert shell.descendants() == []


def test_p18_killed_children(shell: Terminal, compiled: Write) -> None:
    compiled('kill3', c(braces('001', r'#include <unistd.h>\n#include <sys/wait'),
                        [(r'(%d\][^"]*)"\)', r'\1", pid[i])')]))
    transcript = text('001').partition('}FILS #0')[2].partition('À retenir')[0]
    wanted = numbered(['FILS #0' + transcript], '1887', '1888', '1889')
    wanted = re.sub(r'FILS \[443063288\](.*\n)FILS \[(P\d)', r'FILS [\2]\1FILS [\2', wanted)
    shown = shell.enter('./kill3').replace("'FILS", 'FILS')

    def plain(lines: str) -> list[str]:     # a child may be killed before it has said a word
        return sorted(re.sub(r'P\d|\d{3,}', 'N', line) for line in lines.splitlines()
                      if line and 'FILS : Hey' not in line)
    assert plain(shown) == plain(wanted)


# -- signals ------------------------------------------------------------------------------

def c_of_signals(word: str, repairs: Repairs = []) -> str:     # noqa: B006
    """The program of the text about signals that has a word in it."""
    whole = text('002')
    start = whole.rindex('\n#include <stdio.h>\n#include <stdlib', 0, whole.index(word)) + 1
    begin = re.escape(whole[start:start + 200])
    return repaired(braces('002', begin), repairs)


def test_p23_sigusr(shell: Terminal, compiled: Write) -> None:
    """The transcript, line by line; each signal is delivered before the next is sent."""
    compiled('sigusr', c_of_signals('n_sigusr2'))
    transcript = lines('002', '$ ./sigusr &', '[1]+ Done')
    shell.enter(transcript[0][2:])
    pid = int(shell.enter('echo $!'))
    shell.until_true(lambda: status_of(pid, HANDLER) & 0xA00 == 0xA00)
    typed = [line[2:].replace('45602', str(pid)) for line in transcript
             if line.startswith('$ kill')]
    assert len(typed) == 5
    for line in typed[:-1]:
        shell.enter(line)
        shell.until_true(lambda: not status_of(pid, 'ShdPnd'))
    shell.type(typed[-1] + '; wait\n')
    shown = shell.prompt() + shell.enter(':')
    for line in transcript[transcript.index('$ Fin du processus'):][:2]:
        assert line.removeprefix('$ ') in shown
    assert re.search(r'\[1\]\+ +Done +\./sigusr', shown)


def test_p24_signals_are_not_counted(
    shell: Terminal, compiled: Write, tmp_path: Path,
) -> None:
    """As many as the text says come where the target does not run between two of them."""
    compiled('sigusrcount', c_of_signals('duree', [
        (r'duree>0', 'access("go", F_OK)'), (r'duree=sleep\(duree\)', 'sleep(1)')]))
    (tmp_path / 'nkill.sh').write_text('\n'.join(lines('002', '#!/bin/bash', 'La')) + '\n')
    (tmp_path / 'nkill.sh').chmod(0o755)
    assert shell.enter('./nkill.sh; echo $?') == 'Usage: nkill.sh n pid\n1\n'       # P25
    assert 'Usage' in shell.enter('(. ./nkill.sh)')
    shell.enter('./sigusrcount & p=$!')
    pid = int(shell.enter('echo pid $p').rpartition('pid ')[2].split()[0])
    shell.until_true(lambda: status_of(pid, HANDLER) & 0x200 == 0x200)
    for _ in range(3):
        shell.enter('kill -STOP $p')
        shell.until_true(lambda: Path(f'/proc/{pid}/stat').read_text().rpartition(
            ')')[2].split()[0] == 'T')
        shell.enter(f'./nkill.sh 10 {pid}')
        shell.enter('kill -CONT $p')
        shell.until_true(lambda: not status_of(pid, 'ShdPnd'))
    (tmp_path / 'go').touch()
    shell.type('wait\n')
    shell.until(next(line for line in text('002').splitlines()
                     if re.fullmatch(r'Reçu 3 \w+', line)))


def test_p26_a_handler_returns_to_the_fault(shell: Terminal, compiled: Write) -> None:
    compiled('sigfpe2', c_of_signals('sigfpe_handler(int)'))
    typed, *wanted = lines('002', '$ ./sigfpe2', '...')
    assert shell.enter(f'{typed[2:]} | head -{len(wanted)}; echo ${{PIPESTATUS[@]}}') \
        == '\n'.join(wanted) + '\n141 0\n'
    shell.type(typed[2:] + '\n')
    shell.until(wanted[-1])
    shell.interrupt()
    shell.prompt()
    assert shell.enter('echo $?') == '130\n'


def test_p27_goto_out_of_a_handler(tmp_path: Path, compiled: Write) -> None:
    """It does not compile, as the text says."""
    handler = '\n'.join(lines('002', 'static void sigfpe_handler(int signum) {\ngoto', '}'))
    program = c_of_signals('sigfpe_handler(int)', [
        (r'(?s)static void sigfpe_handler\(int signum\) \{.*',
         handler.replace('erreur:', 'erreur;') + '\n}\n')])
    with pytest.raises(AssertionError, match='label'):
        compiled('sigfpe_goto', program)


def test_p28_setjmp_and_sigfpe3(shell: Terminal, compiled: Write) -> None:
    compiled('setjmp', c_of_signals('longjmp(label'))
    wanted = lines('002', 'Début fonction f', 'L')[:4]
    assert shell.enter('./setjmp') == '\n'.join(wanted) + '\n'
    compiled('sigfpe3', c_of_signals('siglongjmp(buf'))
    typed, *wanted = lines('002', './sigfpe3')
    assert shell.enter(typed) == '\n'.join(wanted[:14]) + '\n'


@pytest.mark.parametrize(('name', 'word'), [('alarm1', 'rien à faire, read'),
                                            ('alarm2', 'siglongjmp(env')])
def test_p29_p30_alarms(name: str, word: str, shell: Terminal, compiled: Write) -> None:
    compiled('lost', c_of_signals(word, [(r'alarm\(5\)', 'alarm(1)')]))
    compiled('won', c_of_signals(word, [(r'alarm\(5\)', 'alarm(50)')]))
    wanted = lines('002', 'Tapez return')[:2]
    assert shell.enter('./lost; echo $?') == '\n'.join([*wanted, '1', ''])
    shell.type('./won; echo $?\n')
    shell.until(wanted[0])
    shell.type('\n')
    assert shell.prompt() == '\nGagné\n0\n'
    shell.type('./won; echo $?\n\n')            # typed ahead
    assert shell.prompt().endswith('Gagné\n0\n')


@pytest.mark.usefixtures('objects_of_the_course')
def test_p31_semaphores(shell: Terminal, compiled: Write, tmp_path: Path) -> None:
    head = '#define _GNU_SOURCE\n'
    repairs: Repairs = [(r'error\((-?\w+),("\w+")\)', r'error(1, errno, \2)')]
    begin = r'sem_t \*semaphore;'
    compiled('process-sem-before', head + c(braces('002', begin), [
        *repairs, (r'sleep\(20\)', 'while (access("go", F_OK)) usleep(1000)')]))
    compiled('process-sem-after', head + c(braces('002', begin, 1), repairs))
    typed = lines('002', '$ ./process-sem-before', '[1]+')
    shell.enter(typed[0][2:])
    shell.until_true(Path('/dev/shm/sem.lsinf1252').exists)
    mode, _, _, _, size = next(
        line for line in text('002').splitlines() if line.endswith('sem.lsinf1252')).split()[:5]
    shown = shell.enter('ls -l /dev/shm/')
    assert re.search(rf'(?m)^{mode} .* {size} .*sem\.lsinf1252$', shown)
    shell.type(typed[2][2:] + '\n')
    shell.until_running('process-sem-after'[:15])       # it waits for the other one
    (tmp_path / 'go').touch()
    shown = shell.prompt()
    wanted = numbered(typed[3:5], *re.findall(r'pid=(\d+)', '\n'.join(typed)))
    assert Comparison().holds(wanted, shown.partition('[1]')[0])
    assert re.search(r'\[1\]\+ +Done +\./process-sem-before', shown + shell.enter(':'))


# -- communication ------------------------------------------------------------------------


@pytest.mark.parametrize('number', ['003', '004'])
def test_p42_a_pipe(number: str, shell: Terminal, compiled: Write) -> None:
    program = braces(number, r'#include <stdio\.h>\s+int pip\[2\]')
    repairs: Repairs = [
        (r'\{\s*main\(\)', 'main() {'), (r'\s(pere\(\) ?\{)', r'} \1'), (r'\}\s*$', ''),
        (r'(fils\(\) ?\{.*?read \([^)]*\);)', r'\1 printf("fils a lu %s\\n", buf);')]
    if number == '003':
        repairs.append((r'close (pip\[\d\])', r'close(\1)'))
    compiled('pipe', c(program, repairs))
    assert to_its_end(shell, './pipe') == 'fils a lu hello\n'


def test_p43_arguments_and_environment(shell: Terminal, compiled: Write) -> None:
    repairs: Repairs = [(r': %\\n', r': %s\\n'), (r'if\((\w+)\[k\]\[0\]\)', r'if(\1[k])')]
    compiled('args', c(braces('004', r'main\(argc, argv, envp\) int argc; char \*\*argv, '
                                     r'\*\*envp; \{'), repairs))
    found = re.search(r'% prog( par1.*?) avec.*?TERM ?= ?(\w+) HOME=(\S+)', text('004'))
    assert found is not None
    shown = shell.enter(f'env -i TERM={found[2]} HOME={found[3]} ./args{found[1]}')
    assert [line.split(': ')[1] for line in shown.splitlines()] == [
        './args', *found[1].split(), f'TERM={found[2]}', f'HOME={found[3]}']
    compiled('environ', c(braces('004', r'extern char \*\*environ; main\(\) \{'), repairs))
    shown = shell.enter('env -i A=1 B=2 ./environ')
    assert [line.split(': ')[1] for line in shown.splitlines()] == ['A=1', 'B=2']
    compiled('verbatim', c(braces('004', r'extern char \*\*environ; main\(\) \{'), repairs[:1]))
    assert shell.enter('env -i A=1 ./verbatim; echo $?').endswith('139\n')


def test_p44_a_fifo_in_c(shell: Terminal, compiled: Write) -> None:
    semicolon = (r'(fictub",\w+\)) */', r'\1; /')
    writer = braces('004', r'main\(\) \{mode_t')
    reader = braces('004', r'main\(\) \{int tub')
    compiled('ecrivain', c(writer, [('S_IRUST', 'S_IRUSR'), semicolon]))
    compiled('lecteur', c(reader, [
        ('’', "'"), (r'(RDONLY\)) */', r'\1; /'), (r'(%s\\n), buf', r'\1", buf'),
        (r'buf\[11\]=', 'buf[10]=')]))
    shell.enter('./ecrivain & until [ -p fictub ]; do :; done')
    assert shell.enter('ls -l fictub').startswith('prw-------')
    assert "J'ai lu 0123456789\n" in shell.enter('./lecteur; wait')


@pytest.mark.usefixtures('objects_of_the_course')
def test_p45_a_message_queue(shell: Terminal, compiled: Write) -> None:
    own = 'struct { long mtype; char mtext[100]; } msgp;'
    first = braces('004', r'#define CLE 17')
    compiled('msq1', c(first, [('struct msgbuf msgp;', own), (r'(IPC_NOWAIT\)) /', r'\1; /')]))
    second = braces('004', r'#define CLE 17', 1)
    compiled('msq2', c(second, [
        ('struct msgbuf msgp;', own), (r'(IPC_NOWAIT\)) /', r'\1; /'),
        (r'msgp\.text', 'msgp.mtext'), ('÷', r'\\'), (r'msqid\(IPC_RMID', 'msqid, IPC_RMID')]))
    message = re.search('char \\*msg=“(.*?)”', text('004'))
    assert message is not None
    shell.enter('./msq1')
    size = len(message[1])
    assert re.search(rf'0x00000011 .* {size} +1\b', shell.enter('ipcs -q'))
    assert shell.enter('./msq2') == f'message lu {message[1]}\n'
    shell.enter('./msq1')
    assert shell.enter('mq recv 17 12') == f'12 {message[1]}\n'       # and the built-in
    shell.enter(f'mq send 17 12 "{message[1]}"')
    assert shell.enter('./msq2') == f'message lu {message[1]}\n'


@pytest.mark.usefixtures('objects_of_the_course')
def test_p46_shared_memory(shell: Terminal, compiled: Write) -> None:
    first = braces('004', r'#define CLE 217')
    compiled('p1', c(first, [('char \\*shmat\\(\\);', ''), (r'\*mem */', '*mem; /'),
                             (r'CREAT\) ==', 'CREAT)) =='), (r'NULL,0\) ==', 'NULL,0)) ==')]))
    second = braces('004', r'#define CLE 217', 1)
    declared = r'int shmid; char *mem; '
    compiled('p2', c(second, [
        ('char \\*shmat\\(\\);', ''), (r'main \(\) \{', 'main () { ' + declared),
        (r'CLE,0,0\) <', 'CLE,0,0)) <'), (r'if \(mem', 'if ((mem')]))
    message = re.search(r'strcpy \(mem, « (.*?) »', text('004'))
    assert message is not None
    shell.enter('./p1')
    assert re.search(r'0x000000d9 .* 1000 +0\b', shell.enter('ipcs -m'))
    if find_spec('sysv_ipc'):
        assert shell.enter('shm read 217') == f'{message[1]}\n'
    assert shell.enter('./p2').rstrip() == f'lu: {message[1]}'
    assert '0x000000d9' not in shell.enter('ipcs -m')
