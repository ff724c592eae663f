r"""echo and printf: output, messages and statuses as in bash, but for what POSIX asks."""
from __future__ import annotations

import shutil
import subprocess

import pytest

from minishell.builtins.formatting import CACHE_SIZE, printf, quote_for_input
from minishell.builtins.printing import echo
from minishell.errors import BuiltinError

BASH = shutil.which('bash')


class FakeOut:
    def __init__(self) -> None:
        self.text = ''

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        pass


class FakeVariables:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def assign(self, name: str, value: str) -> None:
        self.values[name] = value

    def environment(self) -> dict[str, str]:
        return self.values


class FakeShell:
    bytewise = False
    shopts: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.out = FakeOut()
        self.variables = FakeVariables()
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def as_bash(self, key: str) -> bool:
        return False


def run(*words: str) -> tuple[bytes, int, list[str]]:
    """Output, status and messages of one call."""
    shell = FakeShell()
    argv = list(words)
    try:
        status = (echo if argv[0] == 'echo' else printf)(shell, argv)  # type: ignore[arg-type]
    except BuiltinError as error:
        status = error.status
        shell.warn(f'{argv[0]}: {error.message}')
    return shell.out.text.encode('utf-8', 'surrogateescape'), status, shell.warnings


def output(*words: str) -> str:
    """Output of a call that must succeed silently."""
    data, status, messages = run(*words)
    assert (status, messages) == (0, [])
    return data.decode()


ECHO = [
    [], ['-n'], ['-n', 'a'], ['-e', r'a\tb'], ['-en', r'a\n'], ['-nx', 'a'], ['--', 'a'],
    ['-', 'a'], ['-E', r'a\tb'], ['-eE', r'\t'], ['-Ee', r'\t'], ['-e', '-E', r'\t'],
    ['-n', '-n', 'a'], ['', '-n'], ['a', '-n'], ['-e', r'a\cb', 'c'], [r'\t'],
    ['-e', r'\101|\0101|\00101|\0|\8'], ['-e', r'\x41 \x4g \x \xg \x{41}'],
    ['-e', r'\u00e9 \u \U1F600 \ue9z \U110000 \ud800 \U7fffffff \Uffffffff'],
    ['-e', r'\"' + r"\'" + r'\?\\\q\e\E|\a\b\f\r\v'], ['-e', 'a\\'],
    ['-e', r'\303\251 \0303\0251 \xc3\xa9'], ['-e', r'\0400 \0777 \u0 x'], ['-neneE', 'a'],
    ['-e', 'a', r'\c', 'b'], ['-nn'], ['-e', r'\xfff'], ['-e', r'\cA'], ['é', '日本'],
]

INTEGERS = [[f'%{flags}{size}{letter}|', number]
            for letter in 'diouxX'
            for flags in ('', '0', '-', '+', ' ', '#', '-0', '+ ', '0+', '#0', '-#')
            for size in ('', '8', '.0', '.4', '8.4', '.')
            for number in ('0', '5', '-5', '255')]
TEXTS = [[f'%{flags}{letter}|', text] for letter in 'sbcqQ'
         for flags in ('', '6', '-6', '06', '.2', '6.2', '.0', '+', '#', '-6.1')
         for text in ('ab', 'abcdefgh', 'é', '日本', 'a b', '', '~#', r'a\tb', r'\0101\x41')]
FLOATS = [[f'%{flags}{letter}|', number] for letter in 'eEfFgG'
          for flags in ('', '12', '-12', '012', '+', ' ', '#', '.0', '.2', '#.0', '+012.3')
          for number in ('0', '1', '-1.5', '0.125', '100000', '1e6', '1234567.5', '1e-5', 'inf',
                         '-inf', 'nan')]
NUMBERS = [[letter, number] for letter in ('%d', '%u', '%x')
           for number in ('0x1F', '012', "'a", '"é', "'", "'ab", "'日", '12x', 'x', '', ' 12',
                          '12 ', '+5', '-', '-1', '0x', '0xg', '08', '09x', '0b1', '1e3', ' ',
                          '--1', '-0x1f', '-010', '+', '00', '1 2', '0X1f', '"',
                          '18446744073709551615')
           if (letter, number) != ('%d', '18446744073709551615')
           ] + [['%f', number] for number in (
               '0x1p3', '1,5', 'x', '', "'a", '1e3x', 'infinity', 'infx', ' 1.5', '0x10', '010',
               '1_0', '.5', '5.', '.', '1e', '1e+', '0x', '-nan', '+1', '--1', '1e2e3', '0x.8',
               '1.5.5', '1p3', 'in', 'nanx', '0x1p', '1d', '٣')]
FORMATS = [
    ['%s %s\n', 'a', 'b', 'c'], ['%s'], ['%d'], ['%b'], ['%q'], ['%c'], ['x', 'a', 'b'],
    ['%%'], ['%5%'], ['%s\n', 'a', 'b'], ['%c%c', 'a'], ['', 'a', 'b'], ['%s%%|', 'a', 'b'],
    ['%*d', '5', '3'], ['%-*d|', '5', '3'], ['%*d|', '-5', '3'], ['%.*s', '2', 'abc'],
    ['%.*d', '-1', '5'], ['%*.*f', '8', '2', '3.14159'], ['%*d', 'x', '3'], ['%*s|'],
    [r'\101\x41\u00e9\U0001F600'], [r'\0101'], [r'\351'], [r'a\cb'], [r'\c'], [r'\q'],
    ['\\\\'], [r'\e\a\b\f\n\r\t\v\E'], [r'\x'], [r'\xg'], [r'\400'], [r'\1234'], [r'\u'],
    [r'\u00'], ['a\\'], [r'\"'], [r"\'"], [r'\?'], [r'\x4142'], [r'\ud800'], [r'\1\18\9'],
    [r'\U110000'], ['%b', r'a\tb\cc', 'd'], ['%b%b|', r'x\c', 'y'], ['%b', 'a\\'],
    ['%b|', r'\0101', r'\101', r'\x41', r'\u00e9', r'\q', r'\e', r'\"', r"\'", r'\?', r'\x'],
    ['%b', r'\00101'], ['%b', r'\0'], ['%5b|', r'a\n'], ['%b', r'\1\18\9'],
    ['%y'], ['%'], ['abc%'], ['%d%y', '1'], ['%5'], ['%-'], ['%ll'], ['%S', 'a'], ['%C', 'a'],
    ['%T', '5'], ['%s %y\n', 'a', 'b'], ['%ld', '5'], ['%lld', '5'], ['%hd', '70000'],
    ['%jd', '5'], ['%zd', '5'], ['%td', '5'], ['%Lf', '1.5'], ['%hhd', '300'],
    ["%'d", '1234567'], ['%d %s|', '1', 'a', '2', 'b', '3'], ['%d', '12x', '5'],
    ['%d %d', 'x', 'y'], ['--', '%s\n', 'a'], ['-'], ['--', '-x'], ['%s', '-x'],
    ['-v', '1x', 'a'], ['%(%Y-%m)T %(%H)T', '0', '86400'], ['%10(%Y)T|%()T|%(%%)T', '0', '0',
                                                          '0'], ['%.2(%Y)T', '0'],
]


def comparable(message: str) -> str:
    """A line of bash's standard error without the name of the script and the line."""
    return message.partition(': line ')[2].partition(': ')[2]


@pytest.mark.skipif(BASH is None, reason='bash is not installed')
@pytest.mark.parametrize('calls', [
    [['echo', *words] for words in ECHO],
    *([['printf', *words] for words in table]
      for table in (INTEGERS, TEXTS, FLOATS, NUMBERS, FORMATS)),
], ids=['echo', 'integers', 'texts', 'floats', 'numbers', 'formats'])
def test_as_in_bash(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert BASH is not None
    monkeypatch.setenv('TZ', 'UTC')
    script = """
    while IFS= read -r -d '' n; do
        set --
        for ((; n; n--)); do IFS= read -r -d '' word; set -- "$@" "$word"; done
        "$@"
        printf '<end %d>' "$?"
        echo '<end>' >&2
    done
    """
    fields = [field for words in calls for field in (str(len(words)), *words)]
    done = subprocess.run(
        [BASH, '--norc', '-c', script, 'bash'], check=True, capture_output=True, timeout=60,
        input='\0'.join([*fields, '']).encode(), env={'LC_ALL': 'C.UTF-8', 'TZ': 'UTC'})
    outputs = done.stdout.split(b'<end ')
    messages = done.stderr.decode('utf-8', 'surrogateescape').split('<end>\n')
    wrong = []
    for index, words in enumerate(calls):
        status, _, after = outputs[index + 1].partition(b'>')
        expected = outputs[index], int(status), list(
            map(comparable, messages[index].splitlines()))
        outputs[index + 1] = after
        got = run(*words)
        if got != expected:
            wrong.append((words, got, expected))
    assert wrong == []


# -- where POSIX.1-2024 and bash differ -----------------------------------------------------


@pytest.mark.parametrize(('words', 'expected'), [
    (['%2$s %1$s', 'a', 'b'], 'b a'),
    (['%2$s %1$s\n', 'a', 'b', 'c', 'd'], 'b a\nd c\n'),
    (['%1$s%1$s.', 'a', 'b'], 'aa.bb.'),
    (['%3$s|', 'a', 'b'], '|'),
    (['%1$*2$d|', '7', '4'], '   7|'),
    (['%2$.*1$s|', '2', 'abcd'], 'ab|'),
    (['%1$05d', '7'], '00007'),
])
def test_numbered_arguments(words: list[str], expected: str) -> None:
    assert output('printf', *words) == expected


@pytest.mark.parametrize(('conversion', 'number', 'expected'), [
    ('%d', '9223372036854775808', b'9223372036854775807'),
    ('%d', '-9223372036854775809', b'-9223372036854775808'),
    ('%u', '18446744073709551616', b'18446744073709551615'),
    ('%u', '-18446744073709551616', b'18446744073709551615'),
    ('%d', '9' * 5000, b'9223372036854775807'),
    ('%f', '1e400', b'inf'),
])
def test_out_of_range_is_an_error(conversion: str, number: str, expected: bytes) -> None:
    message = f'printf: warning: {number}: Numerical result out of range'
    assert run('printf', conversion, number) == (expected, 1, [message])


@pytest.mark.parametrize(('words', 'expected'), [    # as the C library does it for doubles
    (['%a', '1'], '0x1p+0'), (['%A', '1.5'], '0X1.8P+0'), (['%a', '0'], '0x0p+0'),
    (['%a', '3.14'], '0x1.91eb851eb851fp+1'), (['%.2a', '3.14'], '0x1.92p+1'),
    (['%.0a', '1.5'], '0x2p+0'), (['%.1a', '1.96875'], '0x2.0p+0'), (['%#.0a', '1'], '0x1.p+0'),
    (['%.15a', '1.5'], '0x1.800000000000000p+0'), (['%12a|', '-1'], '     -0x1p+0|'),
    (['%012a', '1'], '0x0000001p+0'), (['%.20f', '0.1'], '0.10000000000000000555'),
])
def test_doubles(words: list[str], expected: str) -> None:
    assert output('printf', *words) == expected


# -- the rest ----------------------------------------------------------------------------


def test_bytes_pass_through() -> None:
    assert run('printf', '%s|%3s|%.1s|%c', *['\udce9x'] * 4)[0] == b'\xe9x| \xe9x|\xe9|\xe9'
    assert run('printf', r'\351')[0] == b'\xe9'
    assert run('printf', '%d', "'\udce9")[0] == b'233'
    assert run('printf', '%q', 'a\udce9')[0] == rb"$'a\351'"
    assert run('echo', '\udce9')[0] == b'\xe9\n'


def test_assigning_to_a_variable() -> None:
    shell = FakeShell()
    assert printf(shell, ['printf', '-v', 'x', '%s-%d', 'a', '5']) == 0  # type: ignore[arg-type]
    assert printf(shell, ['printf', '-vy', r'\303\251']) == 0  # type: ignore[arg-type]
    assert printf(shell, ['printf', '-v', 'z', r'a\0b']) == 0  # type: ignore[arg-type]
    assert shell.variables.values == {'x': 'a-5', 'y': 'é', 'z': 'a'}
    assert shell.out.text == ''


@pytest.mark.parametrize('words', [[], ['--'], ['-v', 'x']])
def test_no_format(words: list[str]) -> None:
    assert run('printf', *words) == (b'', 2, ['printf: '])      # the synopsis alone


def test_unknown_option() -> None:
    assert run('printf', '-x') == (b'', 2, ['printf: -x: invalid option'])
    assert run('printf', '-v')[1] == 2


def test_what_was_written_before_an_error_stays() -> None:
    assert run('printf', 'a%d%y', '1') == (
        b'a1', 1, ["printf: `y': invalid format character"])


def test_absurd_widths_are_refused() -> None:
    too_large = ['printf: field width or precision too large']
    assert run('printf', '%99999999999d', '1') == (b'', 1, too_large)
    assert run('printf', '%*d', str(2 ** 40), '1') == (b'', 1, too_large)
    assert run('printf', '%.99999999999f', '1') == (b'', 1, too_large)
    assert output('printf', '%.99999999999s', 'abc') == 'abc'


@pytest.mark.skipif(BASH is None, reason='bash is not installed')
def test_quoted_words_are_read_back() -> None:
    assert BASH is not None
    texts = [chr(code) for code in range(1, 0x180)] + [
        'a' + chr(code) + '~#' for code in range(1, 0x80)] + [
        '', '~', 'a~', 'a=~', 'a:~', '#a', 'a#', "it's", '\n\'"\\', '日本 x', '\x010', '{a,b}']
    words = '\n'.join(f"printf '%s\\0' {quote_for_input(text)}" for text in texts)
    answer = subprocess.run(
        [BASH, '--norc'], input=words.encode('utf-8', 'surrogateescape'), check=True,
        env={'LC_ALL': 'C.UTF-8', 'HOME': '/nowhere'}, capture_output=True, timeout=60).stdout
    assert answer.decode('utf-8', 'surrogateescape').split('\0')[:-1] == texts


def test_the_cache_of_formats_is_bounded() -> None:
    from minishell.builtins import formatting
    for number in range(2 * CACHE_SIZE):
        assert output('printf', f'{number} %s', 'x') == f'{number} x'
    assert len(formatting._formats) <= CACHE_SIZE
