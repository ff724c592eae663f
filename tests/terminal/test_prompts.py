"""The prompts: what they tell of the last command, what is open, and what they leave alone."""
from __future__ import annotations

import os
import pwd
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyte
import pytest

from minishell.interactive.marks import are_taken, directory
from minishell.interactive.prompts import default_prompt, duration, status_words
from minishell.interactive.screen import new_line, taken_apart, visible, with_semicolons

from .test_prompt import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Terminal

    Start = Callable[..., Terminal]


@pytest.fixture
def prompted(start: Start) -> Callable[..., Screen]:
    """Start a shell with an editor; gives its first prompt, which ends in `$`."""
    pytest.importorskip('prompt_toolkit')

    def run(*args: str, **changes: str | None) -> Screen:
        given = {'TERM': 'xterm', 'PS1': '$ ', 'PS2': '> ', **changes}
        shown = Screen(start(*args, echo=True, **given))
        if given['PS1'] == '$ ':        # PS1_RIGHT may be there already
            shown._read_until(lambda: any(line[:1] == '$' for line in shown.lines()[-1:]), '$')
        return shown
    return run


# -- output that does not end its line ---------------------------------------------------


@pytest.mark.parametrize('columns', [1, 2, 3, 7, 10])
def test_a_sign_where_a_newline_is_missing(columns: int) -> None:
    """However long the output is, all of it stays, and the cursor is at the left below it."""
    for length in range(3 * columns + 2):
        screen = pyte.Screen(columns, 10)
        text = ''.join([chr(ord('a') + at % 26) for at in range(length)])
        pyte.Stream(screen).feed(f'above\r\n{text}' + new_line('%', columns))
        signed = length % columns > 0
        rows = [line.rstrip() for line in screen.display if line.strip()]
        above = -(-5 // columns)
        assert ''.join(rows[above:]) == text + '%' * signed
        assert (screen.cursor.x, screen.cursor.y) == (0, above + -(-length // columns))
        if signed:
            assert screen.buffer[screen.cursor.y - 1][length % columns].reverse


@pytest.mark.parametrize(('term', 'locale', 'sign'), [
    ('xterm', 'C.UTF-8', '⏎'), ('linux', 'C.UTF-8', '%'), ('xterm', 'C', '%'),
])
def test_the_sign_is_one_that_is_there(
    term: str, locale: str, sign: str, prompted: Callable[..., Screen],
) -> None:
    screen = prompted(TERM=term, LC_ALL=locale)
    screen.child.send('printf foo\r')
    screen.until('$ printf foo', f'foo{sign}', '$')
    screen.child.send('echo bar\r')
    screen.until('$ echo bar', 'bar', '$')


def test_the_sign_in_a_window_of_another_width(prompted: Callable[..., Screen]) -> None:
    screen = prompted()
    for columns in (40, 31, 77):
        screen.child.setwinsize(24, columns)
        screen.screen.resize(24, columns)
        screen.clear()
        for length in (columns - 1, columns, columns + 1):
            screen.child.send(f'printf %0{length}d 0\r')
            rows = ['0' * columns] * (length // columns)
            rest = '0' * (length % columns)
            screen.until(f'$ printf %0{length}d 0', *rows, *([rest + '⏎'] if rest else []), '$')


def test_no_sign_behind_ctrl_c(prompted: Callable[..., Screen]) -> None:
    screen = prompted()
    screen.child.send('echo begin; cat\r')
    screen.until('begin')
    screen.terminal.until_running('cat')
    screen.child.send('\x03')
    screen.until('begin', '^C', '$')
    screen.child.send('printf half; kill -INT $$\r')
    screen.until('half', '$')


def test_no_sign_without_an_editor(start: Start) -> None:
    terminal = start('--no-editor', TERM='xterm')
    terminal.prompt()
    assert terminal.enter('printf foo') == 'foo'


# -- what the prompt tells of the last command -------------------------------------------


@pytest.mark.parametrize(('statuses', 'words'), [
    ([0], ''), ([1], '1'), ([130], 'SIGINT'), ([139], 'SIGSEGV'), ([255], '255'), ([], ''),
    ([128], '128'), ([0, 0], ''), ([0, 141, 0], '0|141|0 SIGPIPE'), ([1, 0], '1|0'),
    ([143, 137, 143], '143|137|143 SIGTERM SIGKILL'), ([127], '127'), ([300], '300'),
])
def test_statuses_in_words(statuses: list[int], words: str) -> None:
    assert status_words(statuses) == words


@pytest.mark.parametrize('before', ['false', 'false | true', '(exit 4) | false'])
def test_the_status_is_that_of_the_line(before: str, shell: Terminal) -> None:
    """Though PIPESTATUS may be that of an earlier one."""
    for line, status in {
        'sleep 0 &': '', 'f() { :; }': '', 'if false; then :; fi': '', '! false': '',
        '! true': '1', '! (exit 3) | true': '1', '(exit 3) | true': '3|0', '(exit 3)': '3',
        'while false; do :; done': '', 'set -o pipefail; (exit 3) | true': '3|0',
    }.items():
        shell.enter(before)
        shell.enter(line)
        shown = shell.enter('echo "$PROMPT_STATUS"').partition('\n')[0]     # a job may be done
        assert (line, shown) == (line, status)


@pytest.mark.parametrize(('seconds', 'words'), [
    (0, ''), (1.99, ''), (2, '2.0s'), (9.94, '9.9s'), (10, '10s'), (59.9, '59s'),
    (60, '1m00s'), (3599, '59m59s'), (3600, '1h00m'), (100_000, '27h46m'),
])
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize('editor', [False, True])
def test_the_default_prompt(
    editor: bool, start: Start, prompted: Callable[..., Screen], tmp_path: Path,
) -> None:
    """Who, where, how the last command ended; once, and not for what was not run."""
    sign = '#' if os.geteuid() == 0 else '$'
    user = pwd.getpwuid(os.geteuid()).pw_name
    prompt = f'{user}@{os.uname().nodename.partition(".")[0]} ~'
    lines = [
        ('false', '[1]'), ('', ''), (':', ''), ('(exit 5) | true | (exit 3)', '[5|0|3]'),
        ("sh -c 'kill -TERM $$'", '[SIGTERM]'), ('echo ${x?', ''), ('if', ''),
        ("true | sh -c 'kill -PIPE $$' | true", '[0|141|0 SIGPIPE]'), ('nothing-such', '[127]'),
        ('cd /', ''),
    ]
    if not editor:
        terminal = start(PS1=None, PS2=None, HOME=str(tmp_path))
        terminal.until(f'{prompt} {sign} ')
        for line, shown in lines[:-1]:
            if line in ('echo ${x?', 'if'):
                continue
            terminal.type(line + '\n')
            terminal.until(f'{prompt} ')
            assert untimed(terminal.until(f'{sign} ')) == shown + ' ' * bool(shown)
        return
    screen = prompted(PS1=None, PS2=None, HOME=str(tmp_path))
    screen.until(f'{prompt} {sign}')
    for line, shown in lines:
        screen.child.send(line)
        screen.until_seen(f'{sign} {line}'.rstrip())
        screen.child.send('\x03' if line in ('echo ${x?', 'if') else '\r')
        end = f'{shown}{" " * bool(shown)}{sign}'
        wanted = f'{prompt[:-1]}/ {end}' if line == 'cd /' else f'{prompt} {end}'
        screen._read_until(                                         # type: ignore[misc]
            lambda wanted=wanted: untimed(screen.lines()[-1]) == wanted, wanted)


def untimed(prompt: str) -> str:
    """A prompt without how long the command took: on a busy machine any takes two seconds."""
    return re.sub(r'\b\d[\d.hm]*[ms] (?=[$#]?$)', '', prompt)


def test_the_documented_default_is_the_default() -> None:
    page = (Path(__file__).parents[2] / 'docs' / 'prompt.md').read_text()
    assert f"    PS1='{default_prompt(False)}'\n" in page


def test_the_variables_of_the_prompt(shell: Terminal) -> None:
    shell.type("PS1='<$PROMPT_STATUS,${PROMPT_DURATION:-short}>@'\n")
    shell.until('<,short>@')
    shell.type('false | true\n')
    shell.until('<1|0,')
    assert took(shell.until('>@'))
    shell.type('echo $PROMPT_STATUS; env | grep -c ^PROMPT_\n')
    assert shell.until('<0|1,').splitlines() == ['1|0', '0']
    assert took(shell.until('>@'))


def took(shown: str) -> bool:
    """Whether it is a short time, or one that was not."""
    return shown == 'short' or untimed(f'{shown} ') == ''


# -- the right and the transient prompt ---------------------------------------------------


def test_a_right_prompt(prompted: Callable[..., Screen]) -> None:
    """It goes where the line needs its place, and behind Enter."""
    screen = prompted(PS1_RIGHT='<$((n = n + 1))>')
    screen.until(f'$ {"<1>":>97}')
    screen.child.send('echo hi')
    screen.until(f'$ echo hi{"<1>":>90}')
    screen.child.send('\r')
    screen.until('$ echo hi', 'hi', f'$ {"<2>":>97}')
    screen.child.send(': ' + 'x' * 94)
    screen.until('$ : ' + 'x' * 94)
    screen.child.send('\x7f')
    screen.child.send('\x03')
    screen.until(f'$ {"<3>":>97}')


def test_a_right_prompt_in_a_window_that_changes(prompted: Callable[..., Screen]) -> None:
    """It is there once, at the new edge."""
    screen = prompted(PS1_RIGHT='<>')
    screen.until(f'$ {"<>":>97}')
    width = 100
    for columns in (60, 90, 30):
        screen.child.send('half')
        screen.until(f'$ half{"<>":>{width - 7}}')
        screen.until_quiet()            # what is still to come is meant for the old width
        width = columns
        screen.screen.resize(24, columns)
        screen.child.setwinsize(24, columns)
        screen.until(f'$ half{"<>":>{columns - 7}}')
        assert '\n'.join(screen.screen.display).count('<>') == 1
        screen.child.send('\x15')
        screen.until(f'$ {"<>":>{columns - 3}}')


def test_a_transient_prompt(prompted: Callable[..., Screen]) -> None:
    """Also instead of several lines."""
    screen = prompted(PS1='one\ntwo $ ', PS1_TRANSIENT='\\e[31m%\\e[m $((n = n + 1)) ')
    screen.until('one', 'two $')
    screen.child.send('echo hi\r')
    screen.until('% 1 echo hi', 'hi', 'one', 'two $')
    screen.child.send('\r')
    screen.until('% 1 echo hi', 'hi', '% 2', 'one', 'two $')
    assert screen.screen.buffer[2][0].fg == 'red'
    screen.child.send('echo "a\rb"\r')
    screen.until('% 3 echo "a', '> b"', 'a', 'b', 'one', 'two $')
    screen.child.send('PS1_TRANSIENT=\r')
    screen.until('% 4 PS1_TRANSIENT=', 'one', 'two $')
    screen.child.send('echo hi\r')
    screen.until('echo hi', 'hi', 'one', 'two $')


def test_no_code_in_the_name_of_a_directory_runs(
    prompted: Callable[..., Screen], tmp_path: Path,
) -> None:
    """Nor is a control sequence in it obeyed."""
    name = '$(touch made)`touch made`\x1b[31mred\x1b]0;title\a'
    (tmp_path / name).mkdir()
    screen = prompted(PS1='\\W $ ', PS1_RIGHT='\\W', PS1_TRANSIENT='\\W % ')
    screen.child.send('cd *red*\r')
    shown = '$(touch made)`touch made`^[[31mred^[]0;title^G'
    screen.until_seen(f'{shown} $')
    screen.child.send('echo hi\r')
    screen.until_seen(f'{shown} % echo hi\nhi\n')
    assert not (tmp_path / name / 'made').exists()
    assert screen.screen.title != 'title'


@pytest.mark.parametrize('early', [False, True])
def test_titles_and_character_sets_in_a_prompt(
    early: bool, prompted: Callable[..., Screen],
) -> None:
    """They reach the terminal, and take no place in the line."""
    screen = prompted(PS1='\\[\\e]0;\\w\\a\\e]2;t$((n = n + 1))\\e\\\\\\e(B\\e[m\\]$ ')
    screen.until('$')
    if not early:
        screen.child.send('\r')
        screen.until('$', '$')
    screen.child.send('echo hi' + '\x7f' * 2 + 'ho\r')
    screen.until('$ echo ho', 'ho', '$')
    assert screen.screen.title == f't{2 if early else 3}'


@pytest.mark.parametrize(('text', 'pieces'), [
    ('', []), ('ab', ['ab']), ('a\x1b[1;31mb', ['a', '\x1b[1;31m', 'b']),
    ('\x1b]0;t\aa', ['\x1b]0;t\a', 'a']), ('\x1b]0;t\x1b\\a', ['\x1b]0;t\x1b\\', 'a']),
    ('\x1b(Ba', ['\x1b(B', 'a']), ('\x1b7a\x1b8', ['\x1b7', 'a', '\x1b8']),
    ('\x1bPx\x1b\\\x1b_y\x1b\\', ['\x1bPx\x1b\\', '\x1b_y\x1b\\']), ('a\nb', ['a', '\n', 'b']),
    ('\x1b', ['\x1b']), ('\x1b[', ['\x1b[']), ('a\x1b[3', ['a', '\x1b[3']),
    ('\x1b]0;t', ['\x1b]0;t']), ('\a\x7f', ['\a', '\x7f']),
])
def test_prompts_are_taken_apart(text: str, pieces: list[str]) -> None:
    assert taken_apart(text) == pieces
    assert visible(text) == ''.join([piece for piece in pieces if piece[0] >= ' ' and
                                     piece != '\x7f' or piece == '\n'])


@pytest.mark.parametrize(('colours', 'same'), [
    ('', ''), ('31', '31'), ('38:2::1:2:3', '38;2;1;2;3'), ('38:2:1:2:3', '38;2;1;2;3'),
    ('1;48:5:200;4:3', '1;48;5;200;4'), ('38:', '38;;'), ('38:2', '38;2;2'),
])
def test_colours_with_colons(colours: str, same: str) -> None:
    assert with_semicolons(f'\x1b[{colours}m') == f'\x1b[{same}m'


@pytest.mark.parametrize(('terminal', 'colour'), [(None, '000000'), ('truecolor', '010203')])
def test_colours_of_a_prompt(
    terminal: str | None, colour: str, prompted: Callable[..., Screen],
) -> None:
    """All of them where the terminal says that it has them, else what is near."""
    screen = prompted(PS1='\\e[38:2::1:2:3ma\\e[31mb\\e[m \\e[4:3mc\\e[m $ ',
                      COLORTERM=terminal)
    screen.until('ab c $')
    screen.child.send('echo hi\r')
    screen.until('ab c $ echo hi', 'hi', 'ab c $')
    cells = screen.screen.buffer[2]
    assert (cells[0].fg, cells[1].fg, cells[3].underscore) == (colour, 'red', True)


# -- PS2 ---------------------------------------------------------------------------------


OPEN = [
    (['if true'], 'if'), (['if true', 'then echo "a'], 'if then dquote'),
    (['for i in 1', 'do'], 'for do'), (['while read x; do', 'case $x in'], 'while do case in'),
    (["echo 'a", 'b'], 'quote'), (['echo $(', 'echo'], '$('), (['cat <<-EOF'], 'EOF'),
    (['true &&'], '&&'), (['echo a |'], '|'), (['f() {'], '{'), (['echo `'], 'backquote'),
    (['if true; then', 'echo |'], 'if then |'), (['[[ a'], '[['), (['a=(1'], '('),
    (['if a; then b; else'], 'if else'), (['echo \\'], ''),
]


@pytest.mark.parametrize(('lines', 'name'), OPEN)
def test_ps2_names_what_is_open(lines: list[str], name: str, start: Start) -> None:
    terminal = start(PS2=None)
    terminal.prompt()
    for line in lines[:-1]:
        terminal.type(line + '\n')
        terminal.until('> ')
    terminal.type(lines[-1] + '\n')
    assert terminal.until('> ') == name
    terminal.interrupt()
    terminal.prompt()


def test_ps2_names_what_is_open_in_each_line_of_the_editor(
    prompted: Callable[..., Screen],
) -> None:
    screen = prompted(PS2=None)
    screen.child.send('if true; then\r')
    screen.until('$ if true; then', 'if then>')
    screen.child.send('echo "a\r')
    screen.until('$ if true; then', 'if then> echo "a', 'if then dquote>')
    screen.child.send('b"; fi\r')
    screen.until('$ if true; then', 'if then> echo "a', 'if then dquote> b"; fi', 'a', 'b', '$')


@pytest.mark.parametrize('setting', ["PS2='> '", 'set -o posix'])
def test_ps2_of_the_user_is_shown_as_it_is(setting: str, start: Start) -> None:
    terminal = start(PS2=None)
    terminal.prompt()
    terminal.enter(setting)
    terminal.type('if true\n')
    assert terminal.until('> ') == ''


# -- what the terminal is told -------------------------------------------------------------


def test_marks_of_prompts_commands_and_output(
    start: Start, tmp_path: Path,
) -> None:
    pytest.importorskip('prompt_toolkit')
    (tmp_path / 'a b%é').mkdir()
    terminal = start(TERM='xterm', PS1='$ ')
    place = f'\x1b]7;file://{os.uname().nodename}{tmp_path}'
    assert '133;D' not in terminal.until(f'{place}\x1b\\\x1b]133;A;click_events=1\x1b\\')
    terminal.until('\x1b]133;B\x1b\\')
    terminal.type('cd a*; (exit 3)\r')
    terminal.until('\x1b]133;C\x1b\\')
    terminal.until(f'\x1b]133;D;3\x1b\\{place}/a%20b%25%C3%A9\x1b\\'
                   '\x1b]133;A;click_events=1\x1b\\')
    terminal.until('\x1b]133;B\x1b\\')
    terminal.type('\r')
    assert '133;' not in terminal.until('\x1b]133;A;click_events=1\x1b\\')
    terminal.until('\x1b]133;B\x1b\\')
    terminal.type('if true; then\r')
    terminal.until('\x1b[?25h')
    terminal.type('false; fi\r')
    assert '133;' not in terminal.until('\x1b]133;C\x1b\\')
    terminal.until('\x1b]133;D;1\x1b\\')


def test_a_program_that_dies_leaves_the_terminal_as_usual(start: Start) -> None:
    """The mouse is not told of, nor is there another screen; before the line is begun."""
    pytest.importorskip('prompt_toolkit')
    terminal = start(TERM='xterm', PS1='$ ')
    terminal.until('133;B')
    for line, dies in ("sh -c 'kill -9 $$'", True), ('false', False):
        terminal.type(f'{line}\r')
        terminal.until('133;C')
        shown = terminal.until('133;D')
        assert ('\x1b[?1000l' in shown, '\x1b[?1047l' in shown) == (dies, dies)
        assert not dies or shown.index('\x1b[?1047l') < shown.index('⏎')
        terminal.until('133;B')


def test_the_terminal_is_asked_nothing(start: Start) -> None:
    """Where the cursor is, for example: some never answer."""
    pytest.importorskip('prompt_toolkit')
    terminal = start(TERM='xterm', PS1='$ ')
    shown = terminal.until('133;B')
    terminal.type('printf foo\r')
    shown += terminal.until('133;D') + terminal.until('133;B')
    assert not {'\x1b[6n', '\x1b[c', '\x1b[>c', '\x1b[?u', '\x1b[5n'} & {
        piece for piece in taken_apart(shown) if piece[0] == '\x1b'}


@pytest.mark.parametrize(('args', 'term'), [
    ([], 'dumb'), (['--no-editor'], 'xterm'), ([], 'linux'), ([], 'vt100'),
])
def test_no_marks(args: list[str], term: str, start: Start) -> None:
    pytest.importorskip('prompt_toolkit')
    terminal = start(*args, TERM=term, PS1='$ ')
    shown = terminal.until('$ ')
    terminal.type('echo ready\r' if term not in ('dumb',) and not args else 'echo ready\n')
    shown += terminal.until('ready\r\n') + terminal.until('$')
    assert '\x1b]' not in shown


def test_which_terminals_are_told() -> None:
    assert all(map(are_taken, ('xterm', 'xterm-256color', 'tmux-256color', 'screen', 'st')))
    assert not any(map(are_taken, ('', 'dumb', 'linux', 'vt100', 'eterm-color', 'stv52')))


def test_a_directory_as_url() -> None:
    host = os.uname().nodename
    assert directory('/a b\x1b]\udcff') == f'\x1b]7;file://{host}/a%20b%1B%5D%FF\x1b\\'
