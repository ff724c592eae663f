"""`help` of bash: what the registry says of built-in utilities, and reserved words."""
from __future__ import annotations

from minishell.builtins.manual import OPTIONS
from minishell.builtins.options import parse_options
from minishell.builtins.registry import BUILTINS, COURSE, row_of
from minishell.errors import BuiltinError
from minishell.expand.characters import matches
from minishell.state.disabled import is_disabled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

WIDTH = 80
HEADING = """minishell: these commands are part of the shell.  `help' lists them,
`help name' says more about the command `name'.

A star (*) next to a name means that the command is disabled.

"""
RESERVED: dict[str, tuple[str, str]] = {        # topic -> synopsis and description
    '%': ('job_spec [&]', 'move a job to the foreground'),
    '(( ... ))': ('(( expression ))', 'evaluate arithmetic'),
    '[[ ... ]]': ('[[ expression ]]', 'test a condition'),
    'case': ('case WORD in [PATTERN [| PATTERN]...) COMMANDS ;;]... esac',
             'run commands by pattern matching'),
    'coproc': ('coproc [NAME] command [redirections]', 'run a command beside the shell'),
    'for': ('for NAME [in WORDS ... ] ; do COMMANDS; done', 'run commands for each word'),
    'for ((': ('for (( exp1; exp2; exp3 )); do COMMANDS; done', 'a loop by arithmetic'),
    'function': ('function name { COMMANDS ; } or name () { COMMANDS ; }', 'define a function'),
    'if': ('if COMMANDS; then COMMANDS; [ elif COMMANDS; then COMMANDS; ]... '
           '[ else COMMANDS; ] fi', 'run commands by a condition'),
    'select': ('select NAME [in WORDS ... ;] do COMMANDS; done', 'choose words from a menu'),
    'time': ('time [-p] pipeline', 'report the time that a pipeline takes'),
    'until': ('until COMMANDS; do COMMANDS-2; done', 'run commands until one succeeds'),
    'variables': ('variables - Names and meanings of some shell variables',
                  'names and meanings of some variables'),
    'while': ('while COMMANDS; do COMMANDS-2; done', 'run commands while one succeeds'),
    '{ ... }': ('{ COMMANDS ; }', 'run commands as a unit'),
}
TOPICS = tuple(sorted({*BUILTINS, *RESERVED}))


def help_(shell: Shell, argv: list[str]) -> int:
    """Print what built-in utilities and reserved words are."""
    options, patterns = parse_options(argv, 'dms')
    if not patterns:
        _overview(shell)
        return 0
    if '*' in patterns[0] or '?' in patterns[0] or '[' in patterns[0] and ']' in patterns[0]:
        many = 's' if len(patterns) > 1 else ''
        shell.out.write(f"Shell commands matching keyword{many} `{', '.join(patterns)}'\n\n")
    show = _brief if 'd' in options else _page if 'm' in options else \
        _synopsis if 's' in options else _all
    shown = 0
    for pattern in patterns:
        found = [topic for topic in TOPICS
                 if topic == pattern or matches(pattern, topic, shell.bytewise, True)]
        found = found or [pattern] * (pattern in COURSE) \
            or [topic for topic in TOPICS if topic.startswith(pattern)]
        for topic in found:
            shell.out.write(show(topic, *_said(topic)))
        shown += len(found)
    if not shown:
        raise BuiltinError(f"no help topics match `{pattern}'.  Try `help help' or "
                           f"`man -k {pattern}' or `info {pattern}'.")
    return 0


def _said(topic: str) -> tuple[str, str]:
    if topic in RESERVED:
        return RESERVED[topic]
    row = row_of(topic)
    return row.synopsis, row.description


def _sentence(description: str) -> str:
    return description[:1].upper() + description[1:] + '.'


def _brief(topic: str, synopsis: str, description: str) -> str:
    return f'{topic} - {_sentence(description)}\n'


def _synopsis(topic: str, synopsis: str, description: str) -> str:
    return f'{topic}: {synopsis}\n'


def _all(topic: str, synopsis: str, description: str) -> str:
    return f'{topic}: {synopsis}\n    {_sentence(description)}\n{_options(topic)}'


def _options(topic: str) -> str:
    """What there is to say of each option; '' if there is none."""
    lines = OPTIONS.get(topic, '').split('\n')[1:-1]
    shown = ''.join(['      ' + '\t'.join(line.rsplit('  ', 1)) + '\n' if line[:1] != ' '
                     else f'        \t{line.strip()}\n' for line in lines])
    return shown and '    \n    Options:\n' + shown


def _page(topic: str, synopsis: str, description: str) -> str:
    return (f'NAME\n    {topic} - {_sentence(description)}\n\nSYNOPSIS\n    {synopsis}\n\n'
            f'DESCRIPTION\n    {_sentence(description)}\n{_options(topic)}\n'
            'SEE ALSO\n    sh(1)\n\nIMPLEMENTATION\n    minishell\n\n')


def _overview(shell: Shell) -> None:
    """All synopses in two columns, cut to fit."""
    width = WIDTH // 2
    lines = []
    for topic in TOPICS:
        line = ('*' if is_disabled(shell, topic) else ' ') + _said(topic)[0]
        lines.append(line if len(line) < width else line[:width - 2] + '>')
    half = (len(lines) + 1) // 2
    shell.out.write(HEADING)
    for left, right in zip(lines[:half], [*lines[half:], ''], strict=False):
        shell.out.write(f'{left:<{width}}{right}'.rstrip() + '\n')
