"""`abbr`, as in fish: words that the line editor replaces as they are typed."""
from __future__ import annotations

from minishell.errors import BuiltinError, UsageError
from minishell.run.tracing import quoted
from minishell.state.abbreviations import MARKER, Abbreviation, abbreviations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

ACTIONS = ('add', 'erase', 'list', 'query', 'rename', 'show')
WITH_ARGUMENT = ('function', 'position', 'regex')
FLAGS = ('global', 'set-cursor')        # global: what all are
LETTERS = {'a': 'add', 'e': 'erase', 'f': 'function', 'g': 'global', 'l': 'list',
           'p': 'position', 'q': 'query', 'r': 'regex', 's': 'show'}
POSITIONS = ('command', 'anywhere')


def abbr(shell: Shell, argv: list[str]) -> int:
    """Define, remove or show abbreviations."""
    options, operands = _options(argv)
    actions = [action for action in ACTIONS if action in options]
    if len(actions) > 1:
        raise UsageError(f'--{actions[0]} and --{actions[1]}: one of them only')
    action = actions[0] if actions else 'add' if operands else 'show'
    known = abbreviations(shell)
    if action == 'add':
        return _add(known, options, operands)
    if action == 'query':
        return int(not any(name in known for name in operands))
    if action == 'rename':
        return _rename(known, operands)
    if action == 'erase':
        missing = [name for name in operands if known.pop(name, None) is None]
        for name in missing:
            shell.warn(f'abbr: {name}: no such abbreviation')
        return int(bool(missing))
    for each in known.values():
        shell.out.write((each.name if action == 'list' else _definition(each)) + '\n')
    return 0


def _options(argv: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options by their long names, and operands.  Raises UsageError."""
    options: dict[str, str] = {}
    rest = argv[1:]
    while rest and rest[0][:1] == '-' and len(rest[0]) > 1:
        word = rest.pop(0)
        if word == '--':
            break
        if word[:2] == '--':
            name, equals, value = word[2:].partition('=')
            names = [name]
        else:
            equals = value = ''
            names = [LETTERS.get(letter, letter) for letter in word[1:]]
        for name in names:
            if name in WITH_ARGUMENT:
                if not equals and not rest:
                    raise UsageError(f'--{name}: option requires an argument')
                options[name] = value if equals else rest.pop(0)
            elif name in ACTIONS or name in FLAGS:
                options[name] = value if equals else MARKER
            else:
                raise UsageError(f'{word}: invalid option')
    return options, rest


def _add(known: dict[str, Abbreviation], options: dict[str, str], operands: list[str]) -> int:
    function, regex = options.get('function', ''), options.get('regex', '')
    position = options.get('position', POSITIONS[0])
    if position not in POSITIONS:
        raise BuiltinError(f'{position}: invalid position: command or anywhere')
    if not operands or len(operands) == 1 and not function:
        raise UsageError('--add: a name and what it stands for are needed')
    name = operands[0]
    if not name or any(c.isspace() for c in name):
        raise BuiltinError(f'{name}: a name has no blanks')
    if regex:
        import re
        try:
            re.compile(regex)
        except re.error as error:
            raise BuiltinError(f'{regex}: {error}') from None
    known.pop(name, None)               # the last one defined comes first
    known[name] = Abbreviation(name, ' '.join(operands[1:]), position == 'anywhere', regex,
                               function, options.get('set-cursor', ''))
    return 0


def _rename(known: dict[str, Abbreviation], operands: list[str]) -> int:
    if len(operands) != 2:
        raise UsageError('--rename: an old and a new name are needed')
    old, new = operands
    if old not in known:
        raise BuiltinError(f'{old}: no such abbreviation')
    if new in known:
        raise BuiltinError(f'{new}: there is such an abbreviation')
    known[new] = known.pop(old)
    known[new].name = new
    return 0


def _definition(each: Abbreviation) -> str:
    """A command that defines it."""
    pieces = ['abbr -a']
    if each.anywhere:
        pieces.append('--position anywhere')
    for option, value in (('regex', each.regex), ('function', each.function)):
        if value:
            pieces.append(f'--{option} {quoted(value)}')
    if each.marker:
        pieces.append(f'--set-cursor={quoted(each.marker)}')
    pieces += ['--', quoted(each.name), *[quoted(each.text)] * bool(each.text)]
    return ' '.join(pieces)
