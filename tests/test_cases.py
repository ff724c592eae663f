"""Every case of tests/cases/, on minishell and on the shells it is measured by.

The format of the files is in docs/testing.md.  As a command this file rewrites what cases
expect to what the reference shells do:

    python tests/test_cases.py --update FILE...
"""
from __future__ import annotations

import argparse
import ctypes
import difflib
import json
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parent / 'cases'
MAIN = Path(__file__).resolve().parent.parent / 'minishell' / '__main__.py'
MINISHELL = (shlex.split(os.environ.get('MINISHELL', ''))
             or [sys.executable, '-I', '-S', '-X', 'utf8', str(MAIN)])

REFERENCES = {                  # folder -> the shells that must agree with its cases
    'posix': ('dash', 'bash --posix'),
    'bash': ('bash',),
    'dialects': ('dash', 'bash --posix', 'bash'),      # bash: what bash mode must do
    'minishell': (),
}
KNOWN_FAILURES = 0              # how many cases say known-failure; it may only fall
TIME_LIMIT = 60                 # seconds for a case
PATH = '/usr/bin:/bin:/usr/sbin:/sbin'
DIRECTIVE = re.compile(         # ## OK dash,bash status: 1
    r'## (?:(?P<qualifier>OK|BUG|N-I) (?P<shells>[\w,-]+))?'
    r'(?: *(?P<key>[\w-]+~?):)?(?: (?P<value>.*))?')


def named(references: Sequence[str]) -> dict[str, list[str]]:
    """Reference shells by the name that directives have for them: the command, and behind it
    the options where another one has no more than that (bash-posix)."""
    words = [reference.split() for reference in references]
    return {argv[0] + ''.join(option.removeprefix('-') for option in argv[1:]
                              if [argv[0]] in words): argv for argv in words}


class FormatError(Exception):
    """A file is not written as docs/testing.md says."""


# -- what a file says -----------------------------------------------------------------


@dataclass
class Expectation:
    """What a shell does with a case.  None: nothing is said about it here."""

    status: int | None = None
    stdout: str | None = None
    stderr: str | None = None       # a regular expression to be found


@dataclass
class Divergence:
    """What a reference shell does instead, and whether it may (OK, BUG, N-I)."""

    qualifier: str
    reason: str = ''
    expected: Expectation = field(default_factory=Expectation)


@dataclass
class Case:
    """A script and what it must do."""

    title: str
    line: int
    script: str = ''
    expected: Expectation = field(default_factory=Expectation)
    divergences: dict[str, Divergence] = field(default_factory=dict)
    known_failure: str = ''

    def expected_of(self, shell: str) -> Expectation:
        """What this shell must do: where nothing is said, status 0 and no output."""
        theirs = self.divergences[shell].expected if shell in self.divergences else None
        said = [each for each in (theirs, self.expected) if each is not None]
        return Expectation(
            next((e.status for e in said if e.status is not None), 0),
            next((e.stdout for e in said if e.stdout is not None), ''),
            next((e.stderr for e in said if e.stderr is not None), None))

    def runs_on(self, shell: str) -> bool:
        """False if the shell lacks what the case is about, and no more is said."""
        divergence = self.divergences.get(shell)
        return (divergence is None or divergence.qualifier != 'N-I'
                or divergence.expected != Expectation())


@dataclass
class CaseFile:
    """A file of cases."""

    path: Path
    references: tuple[str, ...]
    header: str = ''
    cases: list[Case] = field(default_factory=list)

    @property
    def name(self) -> str:
        """folder/file, without the suffix."""
        return f'{self.path.parent.name}/{self.path.stem}'


# -- text -> cases --------------------------------------------------------------------


class Parser:
    """Reads one file of cases."""

    def __init__(self, path: Path, text: str) -> None:
        self.file = CaseFile(path, REFERENCES[path.parent.name])
        self.lines = text.split('\n')
        if self.lines[-1] == '':
            self.lines.pop()
        self.number = 0             # of the line taken last

    def wrong(self, problem: str, number: int = 0) -> FormatError:
        number = number or self.number
        return FormatError(
            f'{self.file.path}:{number}: {problem}: {self.lines[number - 1]!r}')

    def take(self) -> str | None:
        """The next line; None at the end."""
        if self.number == len(self.lines):
            return None
        self.number += 1
        return self.lines[self.number - 1]

    def parse(self) -> CaseFile:
        case = None
        in_script = False
        while (line := self.take()) is not None:
            if line.startswith('#### '):
                case = self.new_case(line)
                in_script = True
            elif case is None:
                self.parse_header(line)
            elif line.startswith('## '):
                in_script = False
                self.parse_directive(case, line)
            elif in_script:
                case.script += line + '\n'
            elif line:
                raise self.wrong('neither a directive nor a new case')
        for case in self.file.cases:
            case.script = case.script.rstrip('\n') + '\n'
        return self.file

    def new_case(self, line: str) -> Case:
        case = Case(line.removeprefix('#### ').strip(), self.number)
        if any(case.title == other.title for other in self.file.cases):
            raise self.wrong('a second case of this title')
        self.file.cases.append(case)
        return case

    def parse_header(self, line: str) -> None:
        if line.startswith('## shells: '):
            shells = line.removeprefix('## shells: ').split(',')
            self.file.references = tuple(shell.strip() for shell in shells)
        elif line.startswith('## ') or line and not line.startswith('#'):
            raise self.wrong('above the first case, neither a comment nor ## shells')
        self.file.header += line + '\n'

    def parse_directive(self, case: Case, line: str) -> None:
        match = DIRECTIVE.fullmatch(line)
        if match is None or not (match['key'] or match['qualifier']):
            raise self.wrong('not a directive')
        value = match['value'] or ''
        expected = [case.expected]
        if match['qualifier']:
            value, dashes, reason = f' {value}'.partition(' -- ')
            value = value.removeprefix(' ')
            expected = [self.divergence(case, match['qualifier'], shell, reason).expected
                        for shell in match['shells'].split(',')]
        elif match['key'] == 'known-failure':
            case.known_failure = value
            return
        if match['key'] == 'STDOUT':
            value = self.block()
        for each in expected:
            self.expect(each, match['key'], value)

    def divergence(
        self, case: Case, qualifier: str, shell: str, reason: str,
    ) -> Divergence:
        if shell not in named(self.file.references):
            raise self.wrong(f'{shell} is not asked about this file')
        found = case.divergences.setdefault(shell, Divergence(qualifier))
        if found.qualifier != qualifier:
            raise self.wrong(f'{shell} is {found.qualifier} already')
        found.reason = found.reason or reason
        return found

    def block(self) -> str:
        opened = self.number
        text = ''
        while (line := self.take()) != '## END':
            if line is None:
                raise self.wrong('without ## END', opened)
            text += line + '\n'
        return text

    def expect(self, expected: Expectation, key: str | None, value: str) -> None:
        """Note what a directive says; a qualifier may stand alone, without a key."""
        if key == 'status':
            if not value.removeprefix('-').isdecimal() or expected.status is not None:
                raise self.wrong('not a status, or a second one')
            expected.status = int(value)
        elif key in ('stdout', 'stdout-json', 'STDOUT'):
            if expected.stdout is not None:
                raise self.wrong('a second standard output')
            try:
                expected.stdout = (value if key == 'STDOUT' else f'{value}\n'
                                   if key == 'stdout' else json.loads(value))
            except ValueError:
                raise self.wrong('not a JSON string') from None
        elif key == 'stderr~':
            expected.stderr = value
        elif key is not None or value:
            raise self.wrong('not a directive')


def parse_file(path: Path) -> CaseFile:
    """Read a file of cases.  Raises FormatError."""
    return Parser(path, path.read_bytes().decode('utf-8', 'surrogateescape')).parse()


# -- cases -> text --------------------------------------------------------------------


def unparse(file: CaseFile) -> str:
    """The text of a file of cases, each directive in its canonical form and place."""
    text = file.header.rstrip('\n') + '\n'
    for case in file.cases:
        text += f'\n#### {case.title}\n{case.script}'
        text += ''.join(unparse_expectation('## ', case.expected, ''))
        said: dict[str, list[str]] = {}     # directives -> the shells they are about
        for shell, divergence in case.divergences.items():
            reason = f' -- {divergence.reason}' if divergence.reason else ''
            lines = list(unparse_expectation(
                f'## {divergence.qualifier} \0 ', divergence.expected, reason))
            said.setdefault(''.join(lines) or f'## {divergence.qualifier} \0{reason}\n',
                            []).append(shell)
        for directives, shells in said.items():
            text += directives.replace('\0', ','.join(shells))
        if case.known_failure:
            text += f'## known-failure: {case.known_failure}\n'
    return text.removeprefix('\n')


def unparse_expectation(start: str, expected: Expectation, reason: str) -> Iterator[str]:
    """The directives of an expectation; the reason goes to the first."""
    if expected.status or expected.status == 0 and '\0' in start:
        yield f'{start}status: {expected.status}{reason}\n'
        reason = ''
    text = expected.stdout
    if text or text == '' and '\0' in start:
        lines = text.split('\n')
        if lines.pop() or re.search('(?m)^##(##)? |[\0-\b\v-\x1f\x7f\ud800-\udfff]', text):
            yield f'{start}stdout-json: {json.dumps(text)}{reason}\n'
        elif len(lines) == 1 and lines[0].strip() and ' -- ' not in lines[0]:
            yield f'{start}stdout: {lines[0]}{reason}\n'
        else:
            yield f'{start}STDOUT:{reason}\n{text}## END\n'
        reason = ''
    if expected.stderr is not None:
        yield f'{start}stderr~: {expected.stderr}{reason}\n'


# -- running --------------------------------------------------------------------------


def run_script(argv: Sequence[str], script: str) -> tuple[Expectation, str]:
    """Run a script as docs/testing.md says: what it did, what it did not finish in time."""
    heard_signals()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        base = Path(name).resolve()
        folder = base / 'cwd'
        folder.mkdir()
        (base / 'case.sh').write_bytes(script.encode('utf-8', 'surrogateescape'))
        environment = {'PATH': PATH, 'HOME': str(folder), 'LC_ALL': 'C.UTF-8',
                       'TERM': 'dumb', 'SH': one_word(argv, base)}
        if 'ipc clean' in script:       # or it would remove what other tests have just made
            environment['XDG_RUNTIME_DIR'] = str(base)
        problem = ''
        with (base / 'stdout').open('ab+') as out, (base / 'stderr').open('ab+') as err:
            adopt_orphans(True)
            process = subprocess.Popen(
                [*argv, '../case.sh'], cwd=folder, env=environment, umask=0o022,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
            handle = os.pidfd_open(process.pid)
            if not select.select([handle], [], [], TIME_LIMIT)[0]:
                problem = f'not finished within {TIME_LIMIT} s\n'
                process.kill()
            os.close(handle)
            status = process.wait()
            end_session(process.pid)
            adopt_orphans(False)
            texts = []
            for stream in out, err:
                stream.seek(0)
                texts.append(stream.read().decode('utf-8', 'surrogateescape'))
    return Expectation(status, *texts), problem


def one_word(argv: Sequence[str], base: Path) -> str:
    """What starts the shell, as a command that needs no field splitting."""
    program = shutil.which(argv[0], path=PATH) or argv[0]
    if len(argv) == 1:
        return program
    start = base / 'sh'
    start.write_text(f'#!/bin/sh\nexec {shlex.join([program, *argv[1:]])} "$@"\n')
    start.chmod(0o755)
    return str(start)


def heard_signals() -> None:
    """A signal that was ignored at the start of these tests is not to be for shells."""
    for number in signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def adopt_orphans(on: bool) -> None:
    """Whether processes whose parent died become our children, not those of init."""
    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, int(on), 0, 0, 0)


def end_session(leader: int) -> None:
    """Kill and reap all that a case left behind, also in process groups of their own."""
    while True:
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return                          # the usual case: no children at all
        found = False
        for name in filter(str.isdecimal, os.listdir('/proc')):
            try:
                if os.getsid(int(name)) == leader:
                    os.kill(int(name), signal.SIGKILL)
                    found = True
                    os.waitpid(int(name), 0)
            except ProcessLookupError:
                continue                    # it ended meanwhile
            except ChildProcessError:
                continue                    # ours as soon as its parent is dead
        if not found:
            return                          # what there is belongs to others


def differences(case: Case, shell: str, argv: Sequence[str]) -> str:
    """Run a case; what is not as expected, for people to read.  '' if all is well."""
    expected = case.expected_of(shell)
    found, problem = run_script(argv, case.script)
    if found.status != expected.status:
        problem += f'status {found.status}, not {expected.status}\n'
    if found.stdout != expected.stdout:
        problem += ''.join(difflib.unified_diff(
            shown(expected.stdout), shown(found.stdout),
            'stdout expected', 'stdout found', n=99))
    stderr = found.stderr or ''
    if expected.stderr is not None and not re.search(expected.stderr, stderr, re.M):
        problem += f'stderr does not match {expected.stderr}\n'
    if problem and stderr:
        problem += 'stderr:\n' + ''.join(shown(stderr))
    return problem


def shown(text: str | None) -> list[str]:
    """Lines that show what they hold, and whether the last one is whole."""
    lines = (text or '').split('\n')
    last = lines.pop()
    return ([re.sub(r'[^\n -~]', lambda at: ascii(at[0])[1:-1], f'{line}\n')
             for line in lines] + ([f'{last} (no newline)\n'] if last else []))


# -- tests ----------------------------------------------------------------------------


FILES = [parse_file(path) for path in sorted(CASES.glob('*/*.test'))]


@pytest.mark.parametrize(('file', 'case'), [
    pytest.param(file, case, id=f'{file.name}/{case.title}',
                 marks=[pytest.mark.xfail(reason=case.known_failure)]
                 if case.known_failure else [])
    for file in FILES for case in file.cases])
def test_minishell(file: CaseFile, case: Case) -> None:
    problem = differences(case, 'minishell', MINISHELL)
    assert not problem, f'\n{file.path}:{case.line}: {case.title}\n{case.script}{problem}'


# What is done in two ways, and which cases can tell: subshells in a copy of the shell or in a
# child (compile/subshell.py), loops and functions as closures or as Python (compile/hot.py).
OTHER_WAYS = {'MINISHELL_FORK=1': ('$(', '`', '('), 'MINISHELL_HOT=0': ('do', '()')}


@pytest.mark.parametrize('way', OTHER_WAYS)
@pytest.mark.parametrize('file', [pytest.param(file, id=file.name) for file in FILES])
def test_minishell_the_other_way(file: CaseFile, way: str) -> None:
    problems = [
        f'\n{file.path}:{case.line}: {case.title}\n{case.script}{problem}'
        for case in file.cases if not case.known_failure
        and any(mark in case.script for mark in OTHER_WAYS[way])
        and (problem := differences(case, 'minishell', ['env', way, *MINISHELL]))]
    assert not problems, ''.join(problems)


@pytest.mark.parametrize(('file', 'reference'), [
    pytest.param(file, reference, id=f'{file.name}-{reference}')
    for file in FILES for reference in file.references])
def test_reference(file: CaseFile, reference: str) -> None:
    argv = reference.split()
    name = next(name for name, words in named(file.references).items() if words == argv)
    if shutil.which(argv[0]) is None:
        pytest.skip(f'{argv[0]} is not installed')
    problems = [
        f'\n{file.path}:{case.line}: {case.title}\n{case.script}{problem}'
        for case in file.cases if case.runs_on(name)
        and (problem := differences(case, name, argv))]
    assert not problems, ''.join(problems)


@pytest.mark.parametrize('file', [
    pytest.param(file, id=file.name) for file in FILES if 'bash' in named(file.references)
    and named(file.references)['bash'] == ['bash']])
def test_bash_mode(file: CaseFile) -> None:
    problems = [
        f'\n{file.path}:{case.line}: {case.title}\n{case.script}{problem}'
        for case in file.cases if case.runs_on('bash') and not case.known_failure
        and (problem := differences(case, 'bash', [*MINISHELL, '--bash']))]
    assert not problems, ''.join(problems)


@pytest.mark.parametrize(
    'file', [pytest.param(file, id=file.name) for file in FILES])
def test_file_is_in_order(file: CaseFile) -> None:
    assert file.path.read_bytes().decode('utf-8', 'surrogateescape') == unparse(file), (
        'not in the canonical form: run tests/test_cases.py --update on it')
    shells = list(named(file.references))
    for case in file.cases:
        where = f'{file.path}:{case.line}: {case.title}'
        assert not shells or any(case.runs_on(shell) for shell in shells), (
            f'{where}: no shell confirms it')
        for shell, divergence in case.divergences.items():
            assert divergence.qualifier == 'N-I' or (
                divergence.expected != Expectation() and divergence.reason), (
                f'{where}: {shell}: say what it does instead, and why')


def test_known_failures_become_fewer() -> None:
    tags = [case.title for file in FILES for case in file.cases if case.known_failure]
    assert len(tags) == KNOWN_FAILURES, (
        'set KNOWN_FAILURES to the number found, if it is lower' + '\n'.join(tags))


@pytest.mark.parametrize(('text', 'problem'), [
    ('echo\n', '1: above the first case'),
    ('#### a\n## status: one\n', '2: not a status'),
    ('#### a\n## status: 1\n## status: 1\n', '3: not a status, or a second one'),
    ('#### a\n## STDOUT:\nx\n', '2: without ## END'),
    ('#### a\n## stdout: x\n\necho\n', '4: neither a directive nor a new case'),
    ('#### a\n#### a\n', '2: a second case of this title'),
    ('#### a\n## stdin: x\n', '2: not a directive'),
    ('#### a\n## OK zsh status: 1\n', '2: zsh is not asked'),
    ('#### a\n## OK dash status: 1\n## BUG dash stdout: x\n', '3: dash is OK already'),
    ('#### a\n## stdout-json: x\n', '2: not a JSON string'),
])
def test_mistake_in_a_file_is_reported_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(FormatError, match=f'posix/x.test:{problem}'):
        Parser(Path('posix/x.test'), text).parse()


def test_wrong_expectation_is_noticed() -> None:
    text = '#### a\nprintf x; echo oops >&2; exit 3\n## status: 4\n## stdout: x\n'
    case = Parser(Path('posix/x.test'), text).parse().cases[0]
    assert differences(case, 'dash', ['dash']) == (
        'status 3, not 4\n'
        '--- stdout expected\n+++ stdout found\n@@ -1 +1 @@\n-x\n+x (no newline)\n'
        'stderr:\noops\n')


def test_processes_left_behind_are_killed() -> None:
    found, problem = run_script(
        ['dash'], 'mkfifo f; (trap "" TERM; read x <f) & echo $!; exec kill $$')
    assert (found.status, problem) == (-signal.SIGTERM, '')
    with pytest.raises(ProcessLookupError):
        os.kill(int(found.stdout or ''), 0)


# -- the command ----------------------------------------------------------------------


def update(file: CaseFile) -> list[str]:
    """Expect what the references do where they agree; returns what needs a decision."""
    undecided = []
    for case in file.cases:
        found = {}
        for shell, argv in named(file.references).items():
            if case.runs_on(shell):
                found[shell], problem = run_script(argv, case.script)
                found[shell].stderr = None
                if problem:
                    undecided.append(f'{file.path}:{case.line}: {shell}: {problem}')
        plain = [did for shell, did in found.items() if shell not in case.divergences]
        if any(did != plain[0] for did in plain):
            undecided.append(f'{file.path}:{case.line}: {case.title}\n{case.script}'
                             + ''.join(f'{shell}: status {did.status}\n'
                                       + ''.join(shown(did.stdout))
                                       for shell, did in found.items()))
            continue
        if plain:
            case.expected = Expectation(
                plain[0].status, plain[0].stdout, case.expected.stderr)
        update_divergences(case, found)
    return undecided


def update_divergences(case: Case, found: dict[str, Expectation]) -> None:
    """Note what the shells do that are said to differ; drop what they don't."""
    for shell, divergence in list(case.divergences.items()):
        if shell not in found:
            continue
        did, own = found[shell], Expectation(
            case.expected.status or 0, case.expected.stdout or '')
        if did == own and divergence.expected.stderr is None:
            del case.divergences[shell]
            continue
        divergence.expected.status = did.status if did.status != own.status else None
        divergence.expected.stdout = did.stdout if did.stdout != own.stdout else None


def main() -> int:
    """Rewrite files; 1 if something is left to decide."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--update', nargs='+', type=Path, required=True, metavar='FILE')
    undecided = []
    for path in parser.parse_args().update:
        file = parse_file(path.resolve())
        undecided += update(file)
        path.write_bytes(unparse(file).encode('utf-8', 'surrogateescape'))
    print('\n'.join(undecided), end='')
    return 1 if undecided else 0


if __name__ == '__main__':
    sys.exit(main())
