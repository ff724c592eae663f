"""Built-in utility about the command history list: fc (XCU 3)."""
from __future__ import annotations

import posix

from minishell.codec import decoded, encoded
from minishell.errors import BuiltinError, ShellSyntaxError, SynopsisError
from minishell.run.tracing import quoted
from minishell.syntax.names import decimal, is_decimal
from minishell.syntax.parser import Parser
from minishell.syntax.source import Source
from minishell.system.blocking import print_error, read_file, write_all
from minishell.system.descriptors import close_written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

DEFAULT_EDITOR = 'ed'       # as the standard says


def fc(shell: Shell, argv: list[str]) -> int:
    """List, edit and re-execute commands (XCU 3, fc)."""
    options, operands = _options(argv)
    entries, first = _entries(shell)
    if 's' in options or options.get('e') == '-':
        return _again(shell, operands, entries, first)
    if len(operands) > 2:
        raise BuiltinError('too many arguments')
    listing = 'l' in options
    if not entries:
        if listing or shell.as_bash('fc'):
            return 0
        raise BuiltinError('no command found')
    single = not listing and len(operands) < 2
    if not operands:
        start, end = (max(len(entries) - 16, 0) if listing else len(entries) - 1), \
            len(entries) - 1
    else:
        start = _find(operands[0], entries, first, single)
        end = _find(operands[1], entries, first, False) if len(operands) > 1 else \
            len(entries) - 1 if listing else start
    backwards = start > end
    if backwards:
        start, end = end, start
    chosen = list(range(start, end + 1))
    if backwards or 'r' in options:     # a newer first is equivalent to -r
        chosen.reverse()
    if listing:
        as_bash = shell.as_bash('fc')
        for index in chosen:
            number = '' if 'n' in options else str(first + index)
            text = ' ' + entries[index] if as_bash else entries[index].replace('\n', '\n\t')
            shell.out.write(f'{number}\t{text}\n')
        return 0
    editor = options.get('e') or shell.variables.get('FCEDIT') or DEFAULT_EDITOR
    return _edit(shell, editor, [entries[index] for index in chosen])


def _options(argv: list[str]) -> tuple[dict[str, str], list[str]]:
    """Options end at a negative number, too: that is an operand."""
    options: dict[str, str] = {}
    index = 1
    while index < len(argv):
        word = argv[index]
        if len(word) < 2 or word[0] != '-' or is_decimal(word[1:]):
            break
        index += 1
        if word == '--':
            break
        for at, letter in enumerate(word[1:], 2):
            if letter == 'e':
                if at == len(word) and index == len(argv):
                    raise SynopsisError('-e: option requires an argument')
                options['e'] = word[at:]
                if at == len(word):
                    options['e'] = argv[index]
                    index += 1
                break
            if letter not in 'lnrs':
                raise SynopsisError(f'-{letter}: invalid option')
            options[letter] = ''
    return options, argv[index:]


def _entries(shell: Shell) -> tuple[list[str], int]:
    """The commands before the one being run, and the number of the first."""
    history = shell.history
    if history is None:
        return [], 1
    return history.entries[:-1] if history.current else history.entries[:], history.first


def _find(operand: str, entries: list[str], first: int, single: bool) -> int:
    """The index of the command an operand means; in a range, numbers outside of the list
    mean its oldest and newest command."""
    number = decimal(operand[1:] if operand[:1] in ('+', '-') else operand)
    if number is not None:
        index = len(entries) - number if operand[0] == '-' else number - first
        if single and not 0 <= index < len(entries):
            raise BuiltinError(f'{operand}: no command found')
        return min(max(index, 0), len(entries) - 1)
    for index in range(len(entries) - 1, -1, -1):
        if entries[index].startswith(operand):
            return index
    raise BuiltinError(f'{operand}: no command found')


def _again(shell: Shell, operands: list[str], entries: list[str], first: int) -> int:
    """fc -s [old=new] [first]"""
    old, equals, new = '', '', ''
    if operands and '=' in operands[0]:
        old, equals, new = operands.pop(0).partition('=')
    if len(operands) > 1:
        raise BuiltinError('too many arguments')
    if not entries:
        raise BuiltinError('no command found')
    text = entries[_find(operands[0], entries, first, True) if operands else -1]
    return _run(shell, text.replace(old, new, 1) if equals else text)


def _edit(shell: Shell, editor: str, commands: list[str]) -> int:
    """Let an editor change commands, then run them; not if it fails."""
    import tempfile
    fd, path = tempfile.mkstemp(prefix='fc.')
    try:
        write_all(fd, encoded('\n'.join([*commands, ''])))
        close_written(fd)
        status = shell.run_text(f'{editor} {quoted(path)}', 'fc')
        if status:
            if shell.history is not None:
                shell.history.take_current()
            return status
        edited = read_file(path)
    except OSError as error:
        raise BuiltinError(f'{path}: {error.strerror}') from None
    finally:
        posix.unlink(path)
    return _run(shell, decoded(edited.replace(b'\0', b'')))


def _run(shell: Shell, text: str) -> int:
    """Enter commands into the list in place of fc, show them and run them."""
    history = shell.history
    if history is not None:
        history.take_current()
    shell.out.flush()
    status = 0
    for command in _complete_commands(text):
        if history is not None:
            history.add(command)
        print_error(command)
        status = shell.run_text(command, 'fc')
    return status


def _complete_commands(text: str) -> list[str]:
    """The text of each complete command; behind a syntax error all is one."""
    parser = Parser(Source(text), {})
    commands: list[str] = []
    done = 0
    while True:
        try:
            node = parser.parse_complete_command()
        except ShellSyntaxError:
            break
        if node is None:
            break
        lexer = parser.lexer
        command = lexer.text[lexer.begin:lexer.pos]
        done += len(command)
        if command.strip():
            commands.append(command.removesuffix('\n'))
    return [*commands, text[done:].removesuffix('\n')] if text[done:].strip() else commands
