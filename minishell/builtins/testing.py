"""test and [ (XCU 3, test): conditions, decided by the number of operands.

Up to four operands POSIX says what each means; more are an expression with `!`, `( )`, `-a`
and `-o`, as bash and the standard's earlier editions have it.
"""
from __future__ import annotations

import _operator
import posix
from _stat import (
    S_IFBLK,
    S_IFCHR,
    S_IFDIR,
    S_IFIFO,
    S_IFLNK,
    S_IFMT,
    S_IFREG,
    S_IFSOCK,
    S_ISGID,
    S_ISUID,
    S_ISVTX,
)

from minishell.codec import encoded
from minishell.errors import UsageError
from minishell.state.attributes import REFERENCE
from minishell.syntax.names import decimal, integer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from minishell.state.shell import Shell

TYPES = {'-b': S_IFBLK, '-c': S_IFCHR, '-d': S_IFDIR, '-f': S_IFREG, '-p': S_IFIFO,
         '-S': S_IFSOCK}
INTEGERS = {'-eq': _operator.eq, '-ne': _operator.ne, '-gt': _operator.gt,
            '-ge': _operator.ge, '-lt': _operator.lt, '-le': _operator.le}
BITS = {'-g': S_ISGID, '-k': S_ISVTX, '-u': S_ISUID}
ACCESS = {'-r': posix.R_OK, '-w': posix.W_OK, '-x': posix.X_OK}
FILE_OPERATORS = frozenset(('-a', '-e', '-h', '-L', '-s', '-G', '-N', '-O',
                            *TYPES, *BITS, *ACCESS))
UNARY = FILE_OPERATORS.union(('-n', '-z', '-o', '-t', '-v', '-R'))


def decide(words: list[str]) -> int:
    """The status of a frequent and simple condition; -1 if `test` must look at it."""
    count = len(words)
    if count == 3:
        left, operator, right = words
        if operator == '=':
            if left.isascii():
                return 0 if left == right else 1
        elif operator == '!=':
            if left.isascii():
                return 1 if left == right else 0
        elif operator in INTEGERS and left.isdigit() and right.isdigit() \
                and len(left) < 18 and len(right) < 18 and (left + right).isascii():
            return 0 if INTEGERS[operator](int(left), int(right)) else 1
    elif count == 2:
        operator, operand = words
        if operator == '-n':
            return 0 if operand else 1
        if operator == '-z':
            return 1 if operand else 0
    elif count == 1:
        return 0 if words[0] else 1
    return -1


def test(shell: Shell, argv: list[str]) -> int:
    """Evaluate a condition: 0 true, 1 false (XCU 3, test)."""
    words = argv[1:]
    if argv[0] == '[' and (not words or words.pop() != ']'):
        raise UsageError("missing `]'")
    return 0 if _condition(shell, words) else 1


# -- by the number of operands ------------------------------------------------------------


def _condition(shell: Shell, words: list[str]) -> bool:
    count = len(words)
    if count == 3:
        return _three(shell, words)
    if count == 2:
        return _two(shell, words)
    if count < 2:
        return count == 1 and words[0] != ''
    if count == 4 and words[0] == '!':
        return not _three(shell, words[1:])
    if count == 4 and words[0] == '(' and words[3] == ')':
        return _two(shell, words[1:3])
    expression = Expression(shell, words)
    value = expression.disjunction()
    expression.expect_end()
    return value


def _two(shell: Shell, words: list[str]) -> bool:
    operator, operand = words
    if operator == '!':
        return operand == ''
    if operator in UNARY:
        return _unary(shell, operator, operand)
    raise UsageError(f'{operator}: unary operator expected')


def _three(shell: Shell, words: list[str]) -> bool:
    left, operator, right = words
    if operator in BINARY:
        return _binary(shell, operator, left, right)
    if operator == '-a':
        return left != '' and right != ''
    if operator == '-o':
        return left != '' or right != ''
    if left == '!':
        return not _two(shell, words[1:])
    if left == '(' and right == ')':
        return operator != ''
    raise UsageError(f'{operator}: binary operator expected')


class Expression:
    """More operands than POSIX gives a meaning to, read from left to right.

    Both sides of -a and -o are always evaluated, so an error is never passed over.
    """

    __slots__ = ('shell', 'words', 'pos')

    def __init__(self, shell: Shell, words: list[str]) -> None:
        self.shell = shell
        self.words = words
        self.pos = 0

    def _accept(self, word: str) -> bool:
        if self.pos < len(self.words) and self.words[self.pos] == word:
            self.pos += 1
            return True
        return False

    def _next(self) -> str:
        if self.pos >= len(self.words):
            raise UsageError('argument expected')
        self.pos += 1
        return self.words[self.pos - 1]

    def disjunction(self) -> bool:
        """conjunction [-o disjunction]"""
        value = self.conjunction()
        while self._accept('-o'):
            value = self.conjunction() or value
        return value

    def conjunction(self) -> bool:
        """term [-a conjunction]"""
        value = self.term()
        while self._accept('-a'):
            value = self.term() and value
        return value

    def term(self) -> bool:
        """! term | ( disjunction ) | word operator word | operator word | word"""
        negated = False
        while self._accept('!'):
            negated = not negated
        return self._primary() is not negated

    def _primary(self) -> bool:
        if self._accept('('):
            value = self.disjunction()
            if not self._accept(')'):
                found = ''.join(f', found {word}' for word in self.words[self.pos:][:1])
                raise UsageError(f"`)' expected{found}")
            return value
        word = self._next()
        if len(self.words) - self.pos >= 2 and self.words[self.pos] in BINARY:
            return _binary(self.shell, self._next(), word, self._next())
        if word in UNARY and self.pos < len(self.words):
            return _unary(self.shell, word, self._next())
        return word != ''

    def expect_end(self) -> None:
        """Raises UsageError if operands are left."""
        if self.pos < len(self.words):
            word = self.words[self.pos]
            raise UsageError(f"syntax error: `{word}' unexpected" if word[:1] == '-'
                             else 'too many arguments')


# -- unary primaries ------------------------------------------------------------------------


def _unary(shell: Shell, operator: str, operand: str) -> bool:
    if operator == '-n':
        return operand != ''
    if operator == '-z':
        return operand == ''
    if operator in FILE_OPERATORS:
        return _file(operator, operand)
    if operator == '-v':
        return is_set(shell, operand, False)
    if operator == '-t':
        number = integer(operand)
        return number is not None and 0 <= number < 2 ** 31 and posix.isatty(number)
    if operator == '-o':
        from minishell.state.options import NAMES
        return operand in NAMES and getattr(shell.options, operand)
    return shell.variables.flags.get(operand, 0) & REFERENCE != 0 \
        and operand in shell.variables.others          # -R


def is_set(shell: Shell, parameter: str, expanded: bool) -> bool:
    """`-v`: whether a parameter has a value; `expanded`: a key in it stands for itself."""
    variables = shell.variables
    number = decimal(parameter)
    if number is not None:
        return number <= len(shell.positional)
    if parameter[-1:] != ']' and parameter not in variables.others:
        return variables.get(parameter) is not None
    from minishell.state.elements import get_key, get_reference, is_associative
    name, _, key = parameter.partition('[')
    if expanded and key and is_associative(variables, name):
        return get_key(variables, name, key[:-1]) is not None
    return get_reference(variables, parameter) is not None


def _file(operator: str, path: str) -> bool:
    """Conditions on a file; one that cannot be examined is not there."""
    try:
        if operator in ACCESS:
            return posix.access(path, ACCESS[operator], effective_ids=True)
        if operator in ('-h', '-L'):
            return S_IFMT(posix.lstat(path).st_mode) == S_IFLNK
        status = posix.stat(path)
    except (OSError, ValueError):
        return False
    if operator in TYPES:
        return S_IFMT(status.st_mode) == TYPES[operator]
    if operator in BITS:
        return status.st_mode & BITS[operator] != 0
    if operator == '-s':
        return status.st_size > 0
    if operator == '-O':
        return status.st_uid == posix.geteuid()
    if operator == '-G':
        return status.st_gid == posix.getegid()
    if operator == '-N':
        return status.st_mtime_ns > status.st_atime_ns
    return True                         # -e, -a


# -- binary primaries -----------------------------------------------------------------------


def _binary(shell: Shell, operator: str, left: str, right: str) -> bool:
    if operator in ('<', '>'):
        collate = shell.collation
        if collate is not None:
            left, right = collate(left), collate(right)
            return left < right if operator == '<' else left > right
    return BINARY[operator](left, right)


def _integer(text: str) -> int:
    value = integer(text)
    if value is None:
        raise UsageError(f'{text}: integer expression expected')
    return value


def _bytes(text: str) -> bytes:
    return encoded(text)


def _same_bytes(left: str, right: str) -> bool:
    """Whether different texts are the same bytes: one put together from parts of
    characters."""
    return not (left.isascii() or right.isascii()) and _bytes(left) == _bytes(right)


def _modified(path: str) -> int:
    """The time of the last change; -1, before all others, if there is no such file."""
    try:
        return posix.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return -1


def _same_file(left: str, right: str) -> bool:
    try:
        one, other = posix.stat(left), posix.stat(right)
    except (OSError, ValueError):
        return False
    return one.st_ino == other.st_ino and one.st_dev == other.st_dev


BINARY: dict[str, Callable[[str, str], bool]] = {
    '=': lambda left, right: left == right or _same_bytes(left, right),
    '==': lambda left, right: left == right or _same_bytes(left, right),
    '!=': lambda left, right: left != right and not _same_bytes(left, right),
    '<': lambda left, right: _bytes(left) < _bytes(right),
    '>': lambda left, right: _bytes(left) > _bytes(right),
    '-eq': lambda left, right: _integer(left) == _integer(right),
    '-ne': lambda left, right: _integer(left) != _integer(right),
    '-gt': lambda left, right: _integer(left) > _integer(right),
    '-ge': lambda left, right: _integer(left) >= _integer(right),
    '-lt': lambda left, right: _integer(left) < _integer(right),
    '-le': lambda left, right: _integer(left) <= _integer(right),
    '-nt': lambda left, right: _modified(left) > _modified(right),
    '-ot': lambda left, right: _modified(left) < _modified(right),
    '-ef': _same_file,
}
