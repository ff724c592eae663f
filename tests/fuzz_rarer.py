"""Statements of random scripts that are rarer than those of `fuzz_scripts.py`.

Errors that end a subshell, traps, redirected functions, several here-documents at once,
nested quoting, patterns, assignments in arithmetic, background lists, tokens torn apart.
What they are made of is in `fuzz_fragments.txt`.
"""
from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzz_scripts import Writer

FRAGMENTS = Path(__file__).parent / 'fuzz_fragments.txt'
ENDS = ('E', '"E"', 'E\\\n', "''E", 'E""')          # of here-documents
OPERATORS = ('+', '-', '*', '/', '%', '<', '>', '<=', '>=', '==', '!=', '&', '^', '|', '&&',
             '||', '<<', '>>')
ASSIGNMENTS = ('=', '+=', '-=', '*=', '&=', '|=', '^=')
BOUNDED_ASSIGNMENTS = ('/=', '%=', '<<=', '>>=')    # not by everything
INSERTED = ('(', ')', '&', '|', ';', '{', '}', '"', "'", '\\', '$', '`', '#', '!', '\n', ' ')


@functools.cache
def fragments() -> dict[str, tuple[str, ...]]:
    """The sections of the file of fragments."""
    sections = FRAGMENTS.read_text().split('\n== ')[1:]
    return {section[:section.index(':')]:
            tuple(line.replace('⏎', '\n') for line in section.splitlines()[1:] if line)
            for section in sections}


def one(writer: Writer, section: str) -> str:
    """Pick a fragment."""
    return writer.pick(fragments()[section])


def errors(writer: Writer, _depth: int) -> list[str]:
    """What ends a shell, in a subshell."""
    command, form = one(writer, 'errors'), one(writer, 'error-forms')
    if "'" in command:
        form = form.replace("eval '#'", '#')
    return [form.replace('#', command) + '; [ $? -eq 0 ] && p zero || p nonzero']


def traps(writer: Writer, depth: int) -> list[str]:
    """A trap for EXIT, and ways to leave; a signal, and what it does."""
    action, end = one(writer, 'actions'), one(writer, 'leaving')
    if action == 'f1' and not writer.functions:
        action = 'p f1'
    kind = writer.random.randrange(6)
    if kind == 0:
        answer = writer.pick(('false', 'exit 4', ':', 'trap - USR1'))
        return [f"(trap 'p usr \"$?\"; {answer}' USR1", writer.pick((':', 'false', '(exit 6)')),
                "sh -c 'kill -s USR1 $PPID'", f'p "$?"; {end}); p "$?"']
    if kind == 1:
        return [f"f9() {{ trap '{action}' EXIT; {end}; }}", '(f9; p on); p "$?"']
    if kind == 2:
        return [f"x=$(trap '{action}' EXIT; {end}); p \"$?\" \"$x\""]
    if kind == 3:
        return [f"{{ trap '{action}' EXIT; {end}; }} | cat", 'p "$?"']
    return [f"(trap '{action}' EXIT", *writer.body(depth), f'{end}); p "$?"']


def redirected_function(writer: Writer, _depth: int) -> list[str]:
    """A function whose definition has redirections, called with some more."""
    to, body = one(writer, 'redirections'), one(writer, 'bodies')
    document: list[str] = []
    if '<<' in to:
        document = ['$1 "$a" $(p "$@")', 'line', '\tE' if '-' in to else 'E']
    call = writer.pick(('', ' <g', ' >f2', ' | cat', ' 2>&1', ' <<F\nouter $a\nF'))
    behind = '\n' if '\n' in call else '; '
    return [f'f9() {{ {body}; }} {to}', *document,
            f'f9 {writer.words(0, 2)}{call}{behind}p "$?" "$a"; cat f1 f2']


def here_documents(writer: Writer, _depth: int) -> list[str]:
    """Several here-documents on one line, or one in an unusual place."""
    def text() -> list[str]:
        return [writer.inside_quotes(2).replace('\\"', '"')
                + writer.pick(('', '', '\\', ' \\$x', '`p a`')) + writer.pick(('', '', 'x'))
                for _ in range(writer.random.randint(0, 2))] + ['-']
    end = writer.pick(ENDS)
    kind = writer.random.randrange(7)
    if kind == 0:
        return [f'{{ cat; cat <&3; }} <<{end} 3<<F', *text(), 'E', *text(), 'F']
    if kind == 1:
        return [f'cat <<{end} | cat - f1; cat <<F', *text(), 'E', *text(), 'F']
    if kind == 2:
        return [f'x=$(cat <<{end}', *text(), 'E', '); p "$x"']
    if kind == 3:
        return [f'if read a <<{end}; then cat <<F; fi', *text(), 'E', *text(), 'F', 'p "$a"']
    if kind == 4:
        return ['for a in 1 2; do', f'cat <<{end}', '$a', *text(), 'E', 'done']
    if kind == 5:
        return [f'while read -r a; do p "$a"; done <<{end} && p y || p n', *text(), 'E']
    return [f'f9() {{ cat <<{end}; }}',
            '$1 "${2-"none"}" ${3-\'q\'} ${u-"a  b"} \\$1 \\\\ "\\""', *text(), 'E',
            f'f9 {writer.words(0, 3)}']


def arithmetic(writer: Writer, _depth: int) -> list[str]:
    """Arithmetic that assigns, compares, shifts, and short-circuits."""
    words = ' '.join(f'"$(({expression(writer, 3)}))"'
                     for _ in range(writer.random.randint(1, 3)))
    value = writer.pick(('3', '0', '-7', '010', '0x1f', '" 4 "', '+2', '1'))
    return [f'i={value}', f'p {words}; p "$?" "$i" "$j"']


def expression(writer: Writer, depth: int) -> str:
    """An arithmetic expression."""
    if depth <= 0 or writer.chance(15):
        return one(writer, 'numbers')
    left, right = expression(writer, depth - 1), expression(writer, depth - 1)
    kind = writer.random.randrange(12)
    if kind < 7:
        op = writer.pick(OPERATORS)
        if op in ('<<', '>>'):
            right = writer.pick(('0', '1', '4', '31', '62', '(1)'))
        return writer.pick((f'{left} {op} {right}', f'({left}) {op} ({right})',
                            f'{left}{op} {right}'))
    if kind < 8:
        return f'{left} ? {right} : {expression(writer, depth - 1)}'
    if kind < 9:
        return f'({left})'
    op = writer.pick(ASSIGNMENTS + BOUNDED_ASSIGNMENTS)
    if op in BOUNDED_ASSIGNMENTS:
        right = writer.pick(('1', '2', '3', '(2)'))
    return f'({writer.pick(("i", "j", "k"))} {op} {right})'


def matching(writer: Writer, _depth: int) -> list[str]:
    """`case` with odd patterns, and the same patterns in expansions."""
    subject, pattern = one(writer, 'subjects'), one(writer, 'patterns')
    value = writer.pick((subject, subject, f'a{subject}b', subject + subject))
    rest = one(writer, 'matching-forms').replace('P', pattern)
    return [f'x={value}; case $x in {pattern}) p yes;; *) p no;; esac', rest]


def quotings(writer: Writer, _depth: int) -> list[str]:
    """Words of nested quoting in all places that take a word."""
    words = [''.join(one(writer, 'quotings') for _ in range(writer.random.choice((1, 1, 2))))
             for _ in range(writer.random.randint(1, 3))]
    form = one(writer, 'quoting-forms')
    if '/' in words[0]:
        form = form.replace('"f#"', 'f2')       # a file of another folder
    return [re.sub('[@#]', lambda found: ' '.join(words) if found[0] == '@' else words[0],
                   form.replace('"$@"', '"$\0"')).replace('\0', '@')]


def background(writer: Writer, _depth: int) -> list[str]:
    """A background list, waited for."""
    form = one(writer, 'background-forms')
    return [form.replace('#', one(writer, 'background')) + '; p "$?" "$a"']


def torn(writer: Writer, _depth: int) -> list[str]:
    """The grammar's odd corners, in the shell itself or where an error ends less."""
    text = one(writer, 'torn')
    if "'" in text or writer.chance(30):
        return ['(', text, ') ; p "$?"']
    if writer.chance(40):
        return [f"(eval '{text}'); [ $? -eq 0 ] && p zero || p nonzero"]
    return [text, 'p "$?"']


def places(writer: Writer, _depth: int) -> list[str]:
    """Descriptors, and the options and utilities that say what a script may do."""
    return [one(writer, 'places')]


Statement = Callable[['Writer', int], 'list[str]']
STATEMENTS: tuple[Statement, ...] = (
    errors, errors, traps, redirected_function, here_documents, arithmetic, matching, matching,
    quotings, quotings, background, torn, places, places)


def mutate(writer: Writer, lines: list[str]) -> list[str]:
    """Delete, insert or double a piece of one line: most of what comes out is an error."""
    at = writer.random.randrange(len(lines))
    line = lines[at]
    if re.match(r'\w+\(\)', line):     # names of functions: not all shells want a name
        return lines
    place = writer.random.randrange(len(line) + 1)
    kind = writer.random.randrange(4)
    if kind == 0:
        line = line[:place] + line[place + 1:]
    elif kind == 1:
        line = line[:place] + writer.pick(INSERTED) + line[place:]
    elif kind == 2:
        words = line.split(' ')
        del words[writer.random.randrange(len(words))]
        line = ' '.join(words)
    else:
        line += '\n' + line
    return [*lines[:at], line, *lines[at + 1:]]
