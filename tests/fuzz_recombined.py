"""Scripts of the cases put together anew: most of them are read, so what they do is done.

A byte deleted or doubled makes of most scripts a syntax error, which runs nothing.  Here what
is exchanged, wrapped, inserted and deleted are commands, words and their parts, as the parser
sees them; a change behind which the script is none is tried again.
"""
from __future__ import annotations

import functools
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fuzz_mutations import Mutator  # noqa: E402
from scripts_at_hand import case_scripts  # noqa: E402

from minishell.errors import ShellSyntaxError  # noqa: E402
from minishell.syntax import array_nodes, nodes  # noqa: E402
from minishell.syntax.parser import Parser  # noqa: E402
from minishell.syntax.source import Source  # noqa: E402
from minishell.syntax.unparse import unparse  # noqa: E402

LONGEST = 400                   # of a piece
LONGEST_SCRIPT = 4000
TRIES = 8                       # for a change behind which it is still a script
BROKEN = 0.05                   # of the scripts may be none in the end
COMMANDS = (
    nodes.SimpleCommand, nodes.RedirectedCommand, nodes.BraceGroup, nodes.Subshell,
    nodes.ForClause, nodes.CaseClause, nodes.IfClause, nodes.WhileClause, nodes.Pipeline,
    nodes.AndOrList, nodes.FunctionDefinition, nodes.ConditionalCommand,
    nodes.ArithmeticCommand, nodes.ArithmeticFor)
PARTS = (
    nodes.ParameterExpansion, nodes.ParameterChange, array_nodes.IndirectExpansion,
    nodes.CommandSubstitution, nodes.ProcessSubstitution, nodes.ArithmeticExpansion,
    nodes.DoubleQuoted, nodes.SingleQuoted, nodes.DollarSingleQuoted, nodes.ParameterLength)
CONTEXTS = (
    '(%s\n)', '{ %s\n}', '$(%s\n)', 'echo "$(%s\n)"', 'x=$(%s\n)', '`%s`', '! %s',
    'if %s\nthen echo t; else echo e; fi', 'for i in 1 2 3; do %s\ndone', "eval '%s'",
    'i=0; while [ $((i += 1)) -lt 4 ]; do %s\ndone', 'f() { %s\n}; f a "b c"; f',
    'f() (%s\n); f', '{ %s\n} | cat', 'echo a b | { %s\n}', '{ %s\n} & wait', '{ %s\n} >f',
    '{ %s\n} 2>&1', '{ %s\n} <f', '{ %s\n} 3>&1 >&2 2>&3 3>&-', "trap '%s' EXIT",
    "trap '%s' USR1; kill -USR1 $$", 'cat <<E\n$(%s\n)\nE', 'case a in a) %s\n;; esac',
    'set -e; %s', 'set -u; %s', 'set -m; %s', 'set -f; %s', 'set -o pipefail; %s', 'time %s',
    "command eval '%s'", "$SH -c '%s'", "printf '%%s\\n' a b | while read -r l; do %s\ndone",
    'local x=1; %s', 'cat <(%s\n)', 'exec 3>f; %s', 'readonly x; %s', 'IFS=:; %s', 'alias e=%s',
    'exec >f; %s', 'cd /; %s', 'ulimit -n 12; %s', 'unset PATH; %s', 'shopt -s extglob; %s',
    '. /dev/stdin <<\\E\n%s\nE')
JOINTS = ('; ', '\n', ' && ', ' || ', ' | ', ' |& ', ' & ')
ODD_WORDS = (
    '""', '"$@"', '$*', '"${x[@]}"', '*', '?', '~', '-', '--', '-1', '0', '9' * 20, '9' * 400,
    '2147483648', '-9223372036854775808', '08', '0x', "$'\\0'", "$'\\xff'", "'\\\\'",
    'é', '\udcff', '{a,b}{1..3}', '$((1/0))', '${x?}', '$x', '"$x"', '$0', '$#', '$?', '$!',
    '$$', '$-', '/dev/null', '.', '..', '/', 'f', './f', '[', ']', '[!a', '+(a)', '%s', '%d\\n',
    '%999d', 'a=b', 'x+=1', '&', '!', '{', '}', '-n', '-e', '%%', '%1', 'x' * 3000, "'\n'")


def parsed(text: str) -> nodes.CommandList | None:
    """The tree of a script; None if it is none."""
    try:
        tree = Parser(Source(text)).parse_program()
        for node in tree.walk():        # substitutions are read when they are asked for
            if type(node) is nodes.MalformedText:
                return None
        return tree
    except (ShellSyntaxError, RecursionError):
        return None


class Pieces:
    """A script and what it consists of, as text."""

    def __init__(self, text: str) -> None:
        self.texts = [text]
        self.kinds: dict[str, list[str]] = {'command': [], 'word': [], 'part': []}
        tree = parsed(text)
        if tree is None:
            return
        self.texts.append(unparse(tree, True) + '\n')
        for node in tree.walk():
            kind = 'command' if isinstance(node, COMMANDS) else \
                'word' if isinstance(node, nodes.Word) else \
                'part' if isinstance(node, PARTS) else ''
            if kind:
                piece = unparse(node, True)
                if piece and len(piece) <= LONGEST:
                    self.kinds[kind].append(piece)


@functools.cache
def sources() -> tuple[str, ...]:
    """What scripts are made of."""
    return tuple(script for script in case_scripts() if len(script) <= LONGEST_SCRIPT)


@functools.cache
def pieces(number: int) -> Pieces:
    """Those of a source."""
    return Pieces(sources()[number])


class Recombiner:
    """Makes one script; every choice comes from one seed, and from what cases there are."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.bytes = Mutator(seed, (b'',))

    def script(self) -> str:
        """The cases' script with a few changes."""
        source = self.source()
        text = self.random.choice(source.texts)
        for _ in range(self.random.choice((1, 1, 2, 2, 3, 4, 6))):
            for _ in range(TRIES):
                changed = self.changed(text, source)
                if len(changed) < LONGEST_SCRIPT and (
                        parsed(changed) is not None or self.random.random() < BROKEN / TRIES):
                    text = changed
                    break
        return text

    def source(self) -> Pieces:
        """The pieces of a script."""
        return pieces(self.random.randrange(len(sources())))

    def other(self, kind: str) -> str:
        """A piece of some script."""
        for _ in range(20):
            found = self.source().kinds[kind]
            if found:
                return self.random.choice(found)
        return ':'

    def changed(self, text: str, source: Pieces) -> str:
        """The text with one change, which may have made no script of it."""
        choice = self.random
        kind = choice.choice(('command', 'command', 'word', 'part'))
        here = [piece for piece in source.kinds[kind] if piece in text]
        way = choice.randrange(8)
        if way == 0 or not here:
            data = bytearray(text.encode('utf-8', 'surrogateescape'))
            self.bytes.change(data)
            return data.decode('utf-8', 'surrogateescape')
        piece = choice.choice(here)
        if way == 1:
            new = ''
        elif way == 2:
            new = choice.choice(ODD_WORDS)
        elif kind == 'command' and way < 5:
            new = choice.choice(CONTEXTS) % (piece,)
        elif kind == 'command' and way == 5:
            new = choice.choice(JOINTS).join(choice.sample((piece, self.other(kind)), 2))
        elif kind == 'part' and way < 4:
            new = f'{piece}{self.other(kind)}'
        elif way == 6:
            new = choice.choice(source.kinds[kind])
        else:
            new = self.other(kind)
        return self.at_one_place(text, piece, new)

    def at_one_place(self, text: str, piece: str, new: str) -> str:
        """The text with the piece replaced where it stands, or at one of the places."""
        ends = text.split(piece)
        at = self.random.randrange(1, len(ends)) if len(ends) > 1 else 1
        return piece.join(ends[:at]) + new + piece.join(ends[at:])
