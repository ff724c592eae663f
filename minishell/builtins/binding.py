"""`bind` of bash: key sequences of the line editor, kept and listed; what they do at a prompt
interactive/bound_keys.py knows."""
from __future__ import annotations

from minishell.errors import BuiltinError, SynopsisError
from minishell.state.bindings import (
    COMMAND,
    FUNCTION,
    KEYMAPS,
    MACRO,
    NAMED,
    SHOWN,
    bindings_of,
    controlled,
    keys_of,
    shown_keys,
)
from minishell.state.linekeys import FUNCTIONS, SAME
from minishell.state.settings import SETTINGS, settings_of
from minishell.syntax.breaking import end_of_quoted
from minishell.system.blocking import print_error, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from minishell.state.bindings import Action, Keymap
    from minishell.state.shell import Shell

FLAGS, TAKING = 'lpsvPSVX', 'mfqurx'
MOST_SHOWN = 5
SWITCHES = ('on', '1', '')


class _View:
    """A key map, or the part of one that begins with a key."""

    def __init__(self, shell: Shell, name: str) -> None:
        self.shell = shell
        self.bindings = bindings_of(shell)
        if not name:
            name = self.bindings.settings['keymap']
        if name not in KEYMAPS:
            raise BuiltinError(f"`{name}': invalid keymap name")
        which, self.prefix = KEYMAPS[name]
        self.keymap: Keymap = self.bindings.keymaps[which]

    def of_function(self, name: str) -> list[str]:
        """The sequences that a function has, as text."""
        wanted = FUNCTION, SAME.get(name, name)
        return [keys for keys, action in self.sorted() if action == wanted]

    def sorted(self) -> Iterator[tuple[str, Action]]:
        """All sequences, as text, in the order of their keys."""
        for keys in sorted(self.keymap):
            if keys.startswith(self.prefix) and keys != self.prefix:
                yield shown_keys(keys[len(self.prefix):]), self.keymap[keys]


def bind(shell: Shell, argv: list[str]) -> int:
    """Say what keys do, or print it."""
    if not (shell.interactive or shell.options.emacs or shell.options.vi):
        shell.warn('bind: warning: line editing not enabled')
    if shell.interactive:
        take_inputrc(shell)
    options, operands = _options(argv)
    flags = ''.join([letter for letter, _ in options if letter in FLAGS])
    given = {letter: value for letter, value in options if letter in TAKING}
    view = _View(shell, given.get('m', ''))
    for letter in FLAGS:
        if letter in flags:
            shell.out.write(_listing(view, letter))
    status = 0
    if 'f' in given:
        read_file_of_bindings(shell, view, given['f'])
    if 'q' in given:
        status = _query(shell, view, given['q'])
    if 'u' in given:
        name = _function(given['u'])
        wanted = FUNCTION, SAME.get(name, name)
        for keys in [keys for keys, action in view.keymap.items() if action == wanted]:
            del view.keymap[keys]
    if 'r' in given:
        view.keymap.pop(view.prefix + keys_of(given['r'].strip('"')), None)
    for letter, value in options:
        if letter == 'x':
            _bind_command(view, value)
    for line in operands:
        take_line(view, line)
    return status


def take_inputrc(shell: Shell) -> None:
    """Take INPUTRC, or ~/.inputrc: once, at the first prompt or by the first `bind`."""
    if 'bindings' not in shell.parts:
        values = shell.variables.values
        path = values.get('INPUTRC') or f'{values.get("HOME", "")}/.inputrc'
        try:
            read_file_of_bindings(shell, _View(shell, ''), path)
        except BuiltinError:            # there is none
            pass


def _options(argv: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    options: list[tuple[str, str]] = []
    index = 1
    while index < len(argv) and len(argv[index]) > 1 and argv[index][0] == '-':
        word = argv[index]
        index += 1
        if word == '--':
            break
        for at, letter in enumerate(word[1:], 2):
            if letter in TAKING:
                if at == len(word) and index == len(argv):
                    raise SynopsisError(f'-{letter}: option requires an argument')
                options.append((letter, word[at:] or argv[index]))
                index += at == len(word)
                break
            if letter not in FLAGS:
                raise SynopsisError(f'-{letter}: invalid option')
            options.append((letter, ''))
    return options, argv[index:]


def _function(name: str) -> str:
    if name.lower() not in FUNCTIONS:
        raise BuiltinError(f"`{name}': unknown function name")
    return name.lower()


# -- listings -------------------------------------------------------------------------------


def _listing(view: _View, letter: str) -> str:
    lines: list[str] = []
    if letter == 'l':
        lines += FUNCTIONS
    elif letter in 'pP':
        lines.append('')
        for name in FUNCTIONS:
            lines += _bindings_of(name, view.of_function(name), letter)
    elif letter in 'vV':
        own = {name: 'on' if on else 'off' for name, on in settings_of(view.shell).said.items()}
        for name, value in {**view.bindings.settings, **own}.items():
            lines.append(f'set {name} {value}' if letter == 'v'
                         else f"{name} is set to `{value}'")
    else:
        kind = COMMAND if letter == 'X' else MACRO
        for keys, (what, text) in view.sorted():
            if what == kind:
                text = text if kind == COMMAND else shown_keys(text)
                lines.append(f'{keys} outputs {text}' if letter == 'S'
                             else f'"{keys}": "{text}"')
    return ''.join([line + '\n' for line in lines])


def _bindings_of(name: str, sequences: list[str], letter: str) -> list[str]:
    if letter == 'p':
        return [f'"{keys}": {name}' for keys in sequences] or [f'# {name} (not bound)']
    if not sequences:
        return [f'{name} is not bound to any keys']
    return [f'{name} can be found on {_some(sequences)}']


def _some(sequences: list[str]) -> str:
    shown = [f'"{keys}"' for keys in sequences[:MOST_SHOWN]]
    return ', '.join(shown) + (', ...' if len(sequences) > MOST_SHOWN else '.')


def _query(shell: Shell, view: _View, name: str) -> int:
    name = _function(name)
    sequences = view.of_function(name)
    if not sequences:
        shell.out.write(f'{name} is not bound to any keys.\n')
        return 1
    shell.out.write(f'{name} can be invoked via {_some(sequences)}\n')
    return 0


# -- lines of an inputrc --------------------------------------------------------------------


def _bind_command(view: _View, text: str) -> None:
    """-x: `"keys": command`."""
    text = text.lstrip(' \t')
    if text[:1] != '"':
        raise BuiltinError(f'{text}: first non-whitespace character is not `"\'')
    end = end_of_quoted(text, 0)
    rest = text[end:].lstrip(' \t')
    if end > len(text):
        raise BuiltinError(f'no closing `"\' in {text}')
    if rest[:1] != ':':
        raise BuiltinError(f'{rest}: missing colon separator')
    command = rest[1:].strip(' \t')
    if command[:1] in ('"', "'") and command[-1:] == command[:1] and len(command) > 1:
        command = command[1:-1]
    view.keymap[view.prefix + keys_of(text[1:end - 1])] = COMMAND, command


def take_line(view: _View, line: str) -> None:
    """A line as it stands in ~/.inputrc: `keys: function`, `keys: "text"`, `set name value`."""
    line = line.strip(' \t')
    if not line or line[0] in '#$':
        return
    if line[:1] == '"':
        end = end_of_quoted(line, 0)
        if end > len(line):
            print_error(f'readline: {line}: no closing `"\' in key binding')
            return
        keys, rest = keys_of(line[1:end - 1]), line[end:].lstrip(' \t')
        if rest[:1] != ':':
            print_error(f'readline: {line}: no key sequence terminator')
            return
        rest = rest[1:]
    elif line.lower().startswith(('set ', 'set\t')):
        _set(view, line[4:])
        return
    else:
        name, colon, rest = line.partition(':')
        if not colon:
            print_error(f'readline: {line}: no key sequence terminator')
            return
        if not name:
            print_error(f"readline: `{line}': invalid key binding: missing key sequence")
            return
        keys = _named_keys(name)
    rest = rest.strip(' \t')
    if rest[:1] in ('"', "'") and rest:
        end = rest.find(rest[0], 1) if rest[0] == "'" else end_of_quoted(rest, 0) - 1
        view.keymap[view.prefix + keys] = MACRO, keys_of(rest[1:end])
        return
    name = (rest.split() or [''])[0].lower()
    if name in FUNCTIONS:
        view.keymap[view.prefix + keys] = FUNCTION, SAME.get(name, name)
    elif not name:
        view.keymap.pop(view.prefix + keys, None)


def _named_keys(text: str) -> str:
    """`Control-x`, `M-RET`: one key."""
    lower = text.strip(' \t').lower()
    name = lower.rpartition('-')[2] or '-'
    key = NAMED.get(name, text.strip(' \t').rpartition('-')[2][:1] or '-')
    before = lower[:len(lower) - len(name)]
    if 'control-' in before or 'ctrl-' in before or 'c-' in before:
        key = controlled(key)
    if 'meta-' in before or 'm-' in before:
        key = chr(ord(key) | 0x80)
    return key


def _set(view: _View, text: str) -> None:
    name, _, value = text.strip(' \t').partition(' ')
    name, value = name.lower(), value.strip(' \t')
    variables = view.bindings.settings
    if name in SETTINGS:                # of our own editor
        settings_of(view.shell).said[name] = value.lower() in SWITCHES
    elif name not in variables:
        print_error(f'readline: {name}: unknown variable name')
    elif variables[name] in ('on', 'off') and name != 'bell-style':
        variables[name] = 'on' if value.lower() in SWITCHES else 'off'
    elif name == 'editing-mode':
        if value.lower() in ('vi', 'emacs'):
            view.bindings.edit_as(value.lower())
            if view.shell.interactive:
                view.shell.set_option(value.lower(), True)
    elif name == 'keymap':
        if value.lower() in KEYMAPS:
            variables[name] = SHOWN.get(value.lower(), value.lower())
    else:
        variables[name] = value


def read_file_of_bindings(shell: Shell, view: _View, path: str) -> None:
    """The lines of an inputrc, those that `$if` leaves.  Raises BuiltinError."""
    try:
        text = shell.at_once(read_file, path).decode('utf-8', 'surrogateescape')
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or 'Invalid argument'
        raise BuiltinError(f'{path}: cannot read: {reason}') from None
    taken = [True]                      # whether the lines inside of each $if are
    for line in text.split('\n'):
        words = line.split()
        first = words[0].lower() if words else ''
        if first == '$if':
            taken.append(taken[-1] and _holds(view, words[1:]))
        elif first == '$else' and len(taken) > 1:
            taken[-1] = not taken[-1] and taken[-2]
        elif first == '$endif' and len(taken) > 1:
            taken.pop()
        elif first == '$include' and taken[-1] and len(words) > 1:
            read_file_of_bindings(shell, view, words[1])
        elif taken[-1]:
            take_line(view, line)


def _holds(view: _View, words: list[str]) -> bool:
    condition = ' '.join(words)
    name, equals, value = condition.partition('=')
    if name == 'mode' and equals:
        return value == view.bindings.settings['editing-mode']
    if name == 'term' and equals:
        return False
    return condition.lower() == 'bash'
