"""What completes a line at a point: the engine behind `complete`, without a terminal (bash).

`answer(shell, line, point)` is what a prompt asks; `generate` is what `compgen` asks, too.
"""
from __future__ import annotations

from minishell.builtins.candidates import (
    ACTIONS,
    candidates,
    commands,
    files,
    folders,
    hosts,
    users,
    without_quotes,
)
from minishell.errors import AssignmentError
from minishell.expand.characters import matches
from minishell.expand.pattern import has_magic, quote
from minishell.run.commands import call_function
from minishell.run.tracing import single_quoted
from minishell.state.attributes import EXPORT
from minishell.state.completions import (
    DEFAULT,
    EMPTY,
    INITIAL,
    TAB,
    Quotes,
    Specification,
    completions_of,
)
from minishell.state.elements import array_of, assign_words
from minishell.syntax.breaking import (
    METACHARACTERS,
    command_words,
    dequoted,
    is_quoted,
    next_separator,
    place_in,
)
from minishell.syntax.names import RESERVED_WORDS, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell

NO_SUCH_FUNCTION, RETRY = 127, 124      # what a function's status may say
MOST_RETRIES = 32
COMPGEN = 'compgen'
LEADING = RESERVED_WORDS - {'case', 'for', 'select', 'function', 'in', '[[', ']]', 'coproc'}


class Command:
    """The command whose arguments are being completed, as its functions are told."""

    __slots__ = ('name', 'line', 'point', 'words', 'index')

    def __init__(self, name: str, line: str = '', point: int = 0,
                 words: list[str] | None = None, index: int = -1) -> None:
        self.name = name
        self.line = line                # COMP_LINE
        self.point = point              # COMP_POINT
        self.words = words or []        # COMP_WORDS
        self.index = index              # COMP_CWORD

    def before(self) -> str:
        """The word before the one that is completed."""
        return self.words[self.index - 1] if self.index > 0 else ''


class Answer:
    """The candidates for what stands from `start` to `end` in the line."""

    __slots__ = ('candidates', 'start', 'end', 'quote', 'options', 'found', 'command')

    def __init__(self, start: int, end: int, quote: str) -> None:
        self.candidates: list[str] = []         # sorted, unless `nosort` is among the options
        self.start = start
        self.end = end
        self.quote = quote              # the one that is open before start, or ''
        self.options: set[str] = set()          # of the specification, as `compopt` left them
        self.found = False              # a specification was: there are no other candidates
        self.command: Command | None = None     # whose argument it is


# -- a line ---------------------------------------------------------------------------------


def answer(shell: Shell, line: str, point: int, kind: int = TAB, key: int = TAB) -> Answer:
    """What completes a line at a point; kind and key are COMP_TYPE and COMP_KEY."""
    breaks = shell.variables.get('COMP_WORDBREAKS') or ''
    place = place_in(line, point, breaks)
    found = Answer(place.start, point, place.quote)
    word = line[place.start:point]
    completions = completions_of(shell)
    outer = completions.line, completions.kind, completions.key, shell.status
    completions.line = Quotes(place.quote, is_quoted(line[:point]))
    completions.kind, completions.key = kind, key
    try:
        begin, name, end = _command_at(line, place.begin, point)
        is_name_of = end >= point       # the word is the command's name, or an assignment
        variable, equals, _ = line[begin:place.start].partition('=')
        assigned = is_name_of and bool(equals) and is_name(variable.removesuffix('+'))
        stop = next_separator(line, point, ';|&{(`')
        command = _command(name, line[begin:stop], point - begin, breaks)
        found.command = None if is_name_of else command
        is_name_of = is_name_of and not assigned
        if 'progcomp' in shell.shopts and completions.specifications and not assigned:
            _by_specification(shell, command, word, found, is_name_of)
        if not found.found or not found.candidates and 'bashdefault' in found.options:
            found.candidates = by_default(shell, word, is_name_of)
        if not found.candidates and (not found.found or 'default' in found.options):
            found.options.add('filenames')
            found.candidates = files(shell, without_quotes(shell, word))
    finally:
        completions.line, completions.kind, completions.key, shell.status = outer
    if 'nosort' not in found.options:
        found.candidates = sorted(set(found.candidates))
    return found


def _command_at(line: str, begin: int, point: int) -> tuple[int, str, int]:
    """Where the command begins that point is in, its name, and where the name ends: behind
    assignments, and reserved words such as `if`."""
    while True:
        while line[begin:begin + 1] in (' ', '\t', '\n') and begin < point:
            begin += 1
        end = next_separator(line, begin, METACHARACTERS)
        name = line[begin:end]
        variable, equals, _ = name.partition('=')
        if end >= point or not (equals and is_name(variable) or name in LEADING):
            return begin, name, end
        begin = end


def _command(name: str, line: str, point: int, breaks: str) -> Command:
    words, index = command_words(line, breaks, point)
    return Command(name, line, point, words, index)


def _by_specification(shell: Shell, command: Command, word: str, found: Answer,
                      is_name_of: bool) -> None:
    """The candidates that specifications give: of an empty line, of the command's name, or of
    its arguments."""
    specifications = completions_of(shell).specifications
    if is_name_of:
        for name in ([EMPTY] if not command.line.strip() else []) + [INITIAL]:
            if name in specifications:
                _run(shell, [name], command, word, found)
                return
        return
    names = [command.name]
    if '/' in command.name:
        names.append(command.name.rpartition('/')[2])
    _run(shell, [*names, DEFAULT], command, word, found)
    if not found.found and 'progcomp_alias' in shell.shopts:
        _as_alias(shell, command, word, found)


def _as_alias(shell: Shell, command: Command, word: str, found: Answer) -> None:
    """shopt -s progcomp_alias: complete as the command that an alias stands for."""
    seen = set()
    while command.name in shell.aliases and command.name not in seen:
        seen.add(command.name)
        line = shell.aliases[command.name] + command.line[len(command.name):]
        point = command.point + len(line) - len(command.line)
        _, name, _ = _command_at(line, 0, point)
        command = _command(name, line, point, shell.variables.get('COMP_WORDBREAKS') or '')
        _run(shell, [name], command, word, found)
        if found.found:
            return


def _run(shell: Shell, names: list[str], command: Command, word: str, found: Answer) -> None:
    """Ask the first specification that there is under one of some names; again if its function
    says that it has made another one."""
    completions = completions_of(shell)
    last: Specification | None = None
    for _ in range(MOST_RETRIES + 1):
        retry = False
        for name in names:
            asked = completions.specifications.get(name)
            if asked is None or asked is last:
                continue
            last, used = asked, asked.copy()
            outer = completions.current, completions.name
            completions.current, completions.name = used, command.name
            try:
                found.candidates, status = generate(shell, used, command, word)
            finally:
                completions.current, completions.name = outer
            retry = status == RETRY
            if status != NO_SUCH_FUNCTION and not retry:
                found.found, found.options = True, used.options
                return
            if retry:
                break
        if not retry:
            return
    shell.warn(f'warning: programmable_completion: {command.name}: possible retry loop')


def by_default(shell: Shell, word: str, is_name_of: bool) -> list[str]:
    """What bash makes of a word without a specification, but for files."""
    if word[:1] == '$' and word[:2] != '$(':
        before = '${' if word[:2] == '${' else '$'
        after = '}' if before == '${' else ''
        return [before + name + after for name in candidates(
            shell, 'variable', word[len(before):])]
    if word[:1] == '~' and '/' not in word:
        return users(shell, word)
    if word[:1] == '@':
        return ['@' + name for name in hosts(shell) if name.startswith(word[1:])]
    if is_name_of:
        return [*commands(shell, dequoted(word)),
                *(folders(shell, dequoted(word)) if '/' not in word else ())]
    return (shell.pathnames(word) or []) if has_magic(word) else []


# -- a specification ------------------------------------------------------------------------


def generate(shell: Shell, specification: Specification, command: Command, word: str,
             ) -> tuple[list[str], int]:
    """The candidates of a specification, and 0, RETRY or NO_SUCH_FUNCTION.  Raises
    ExpansionError (-W)."""
    status = 0
    found: list[str] = []
    again = command.name == COMPGEN
    for action in ACTIONS:
        if action in specification.actions:
            found += candidates(shell, action, word, again)
    if specification.pattern:
        found += shell.pathnames(specification.pattern) or []
    if specification.words:
        begin = dequoted(word)
        found += [each for each in shell.expand_words(specification.words)
                  if each.startswith(begin)]
    if specification.function is not None:
        given, status = _from_function(shell, specification.function, command, word)
        found += given
    if specification.command is not None:
        found += _from_command(shell, specification.command, command, word)
    if specification.excluded:
        found = without(shell, found, specification.excluded, word)
    if specification.prefix or specification.suffix:
        before, after = specification.prefix or '', specification.suffix or ''
        found = [before + each + after for each in found]
    options = specification.options
    if 'plusdirs' in options or not found and 'dirnames' in options:
        found += folders(shell, without_quotes(shell, word))
    return found, status


def without(shell: Shell, found: list[str], excluded: str, word: str) -> list[str]:
    """The candidates that -X leaves: `&` in the pattern is the word, `!` at its start those
    that match."""
    pattern = _with_word(excluded, word)
    groups = 'extglob' in shell.shopts
    kept = pattern[:1] == '!' and not (groups and pattern[1:2] == '(')      # that is a group
    pattern = pattern[1:] if kept else pattern
    fold = shell.nocasematch
    pattern = pattern.lower() if fold else pattern
    return [each for each in found if kept is matches(
        pattern, each.lower() if fold else each, shell.bytewise, groups)]


def _with_word(pattern: str, word: str) -> str:
    pieces: list[str] = []
    escaped = False
    for c in pattern:
        if c == '&':
            if escaped:
                pieces.pop()
            pieces.append('&' if escaped else quote(word))
        else:
            pieces.append(c)
        escaped = c == '\\' and not escaped
    return ''.join(pieces)


def _from_function(shell: Shell, name: str, command: Command, word: str,
                   ) -> tuple[list[str], int]:
    """-F: what a function leaves in COMPREPLY."""
    function = shell.functions.get(name)
    if function is None:
        shell.warn(f"completion: function `{name}' not found")
        return [], 0
    variables = shell.variables
    _tell(shell, command, False)
    status = call_function(shell, function, [name, command.name, word, command.before()])
    for variable in ('COMP_LINE', 'COMP_POINT', 'COMP_TYPE', 'COMP_KEY', 'COMP_WORDS',
                     'COMP_CWORD'):
        _forget(shell, variable)
    if not variables.declared('COMPREPLY'):
        return [], status if status in (RETRY, NO_SUCH_FUNCTION) else 0
    array = array_of(variables, 'COMPREPLY')
    reply = variables.get('COMPREPLY')
    texts = array.texts() if array is not None else [] if reply is None else [reply]
    variables.unset('COMPREPLY')
    if status in (RETRY, NO_SUCH_FUNCTION):
        return [], status
    return texts, 0


def _from_command(shell: Shell, text: str, command: Command, word: str) -> list[str]:
    """-C: the lines that a command writes; a backslash quotes a newline."""
    _tell(shell, command, True)
    arguments = ' '.join(map(single_quoted, (command.name, word, command.before())))
    output = shell.expand_text(f'$({text} {arguments}\n)')
    for variable in ('COMP_LINE', 'COMP_POINT', 'COMP_TYPE', 'COMP_KEY'):
        _forget(shell, variable)
    lines = []
    line = ''
    for piece in output.split('\n'):
        if piece[-1:] == '\\':
            line += piece + '\n'
            continue
        lines.append(line + piece)
        line = ''
    return [each for each in lines if each]


def _tell(shell: Shell, command: Command, exported: bool) -> None:
    """Set the variables that tell a function or a command what is completed."""
    completions = completions_of(shell)
    for name, value in (('COMP_LINE', command.line), ('COMP_POINT', str(command.point)),
                        ('COMP_TYPE', str(completions.kind)),
                        ('COMP_KEY', str(completions.key)), ('COMP_CWORD', str(command.index))):
        if exported and name == 'COMP_CWORD':
            return
        try:
            shell.variables.assign(name, value)
        except AssignmentError as error:
            shell.warn(error.message)
            continue
        if exported:
            shell.variables.add_flags(name, EXPORT)
    assign_words(shell.variables, 'COMP_WORDS', command.words, False)


def _forget(shell: Shell, name: str) -> None:
    try:
        shell.variables.unset(name)
    except AssignmentError:
        pass                            # it is readonly
