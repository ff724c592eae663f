"""Redirections -> closures that give their specs (XCU 2.7); see run/redirections.py."""
from __future__ import annotations

from minishell.compile.words import (
    changes_several,
    compile_one_fields,
    compile_parts_text,
    compile_text,
    may_have_braces,
    may_hold_several,
    static_parts,
)
from minishell.expand.splitting import BREAK, QUOTED, SPLIT, Splitter, may_be_magic
from minishell.run.redirections import Ambiguous, Unmoved, moved_from
from minishell.syntax.nodes import (
    ArrayPart,
    DoubleQuoted,
    HereDocument,
    Literal,
    ParameterChange,
    ParameterExpansion,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from minishell.compile.compiler import Compiler
    from minishell.compile.words import Fields, SegmentsClosure
    from minishell.expand.splitting import Segments
    from minishell.state.shell import Shell, Text
    from minishell.syntax.nodes import AnyRedirection, Part

    Spec = tuple[int, str, str]         # descriptor, operator, expanded target
    Specs = Callable[[Shell], list[Spec]]


def compile_redirections(nodes: Sequence[AnyRedirection], compiler: Compiler) -> Specs:
    """A closure that expands the targets of redirections, in order."""
    parts = []
    for node in nodes:
        operator = '<<' if isinstance(node, HereDocument) else node.operator
        named = node.descriptor
        fd = named if type(named) is int else 0 if operator[0] == '<' else 1
        if type(named) is str:
            from minishell.run.redirections import Located
            fd = Located(named)
        if isinstance(node, HereDocument):
            static = static_parts(node.body.parts)
            text = compile_parts_text(node.body.parts, compiler, True)
            if '*' in compiler.source.text[node.body.pos:node.body.end]:
                text = _here_document(text, node.body.parts, compiler)
        else:
            static = static_parts(node.target.parts)
            text = compile_text(node.target, compiler)
            if operator != '<<<' and (static is None or may_be_magic(static)):
                static, text = None, _one_word(text, node.target, compiler)
            if operator[1:] == '&':
                if operator == '>&' and node.descriptor in (None, 1):
                    operator = '&>'     # may name a file: bash's `>&file`
                if static is None and not _ends_in_dash(node.target):
                    text = _unmoved(text)
            elif operator == '<<<':     # bash's here-string
                operator = '<<'
                static, text = None if static is None else static + '\n', _line(text)
            if operator != '<<' and may_have_braces(node.target):
                static, text = None, _target(node.target, compiler)
        parts.append((fd, operator, text, static))
    if all(static is not None for _, _, _, static in parts):
        constant = [(fd, operator, static or '') for fd, operator, _, static in parts]
        return lambda shell: constant
    return lambda shell: [(fd, operator, text(shell)) for fd, operator, text, _ in parts]


def _here_document(text: Text, parts: Sequence[Part], compiler: Compiler) -> Text:
    """Text: a body with `$*` and the like, which bash mode joins by blanks as `$@`; with a `$@`
    in the same body it splits them, too."""
    if not may_hold_several(parts):
        blanks = compile_parts_text([_joined_by_blanks(part) for part in parts], compiler, True)
        return lambda shell: (blanks if shell.as_bash('here-documents') else text)(shell)
    closures = [_body_segments(part, compiler) for part in parts]

    def run(shell: Shell) -> str:
        if not shell.as_bash('here-documents'):
            return text(shell)
        pieces: Segments = []
        for segments in closures:
            segments(shell, pieces)
        splitter = shell.splitter if shell.splitter.ifs else Splitter(' ')
        return ' '.join([''.join([piece for piece, _ in field])
                         for field in splitter.split_segments(pieces)])
    return run


def _body_segments(part: Part, compiler: Compiler) -> SegmentsClosure:
    """Segments: a part of a body as bash has it.  `$*` is split; of `${*#x}` and the like the
    blanks between the values are."""
    joined = _joined_by_blanks(part)
    if joined == part and changes_several(part) and not may_hold_several([part]):
        return compiler.several(part, True)
    text = compiler.part(joined, True)
    kind = QUOTED
    if joined != part and changes_several(joined) or isinstance(part, ParameterExpansion) \
            and part.parameter == '*' and part.operator[:1] in ('#', '%'):
        values = compiler.several(joined, True)

        def run(shell: Shell, out: Segments) -> None:
            found: Segments = []
            values(shell, found)
            out += [(' ', SPLIT) if kind == BREAK else (value, kind)
                    for value, kind in found if value]
        return run
    if isinstance(part, ParameterExpansion) and part.parameter == '*':
        kind = SPLIT
    return lambda shell, out: out.append((text(shell), kind))


def _joined_by_blanks(part: Part) -> Part:
    """A part of a body as bash has it: all is joined by blanks but `${name[*]}` itself, and
    what is replaced or has its letters changed in `$*`."""
    if isinstance(part, DoubleQuoted):
        return DoubleQuoted(tuple(map(_joined_by_blanks, part.parts)), part.pos, part.end)
    if isinstance(part, ParameterExpansion):
        word = part.word
        if word is not None and part.operator[0] not in '#%':
            word = Word(tuple(map(_joined_by_blanks, word.parts)), word.pos, word.end)
        return ParameterExpansion('@' if part.parameter == '*' else part.parameter,
                                  part.operator, word, part.pos, part.end)
    if isinstance(part, ParameterChange):
        joins = part.operator[0] in '/^,~'
        return ParameterChange('@' if part.parameter == '*' and not joins else part.parameter,
                               '!@' if part.operator == '!*' else part.operator,
                               part.words, part.pos, part.end)
    if not isinstance(part, ArrayPart):
        return part
    from minishell.syntax.array_nodes import ElementExpansion, SubscriptsExpansion
    if isinstance(part, SubscriptsExpansion):
        return SubscriptsExpansion(part.name, '@', part.pos, part.end)
    if isinstance(part, ElementExpansion):
        inner, subscript = _joined_by_blanks(part.part), part.subscript
        if subscript.literal() == '*' and (
                isinstance(inner, ParameterChange) and inner.operator[0] not in '/^,~'
                or isinstance(inner, ParameterExpansion) and inner.operator[:1] in ('#', '%')):
            subscript = Word((Literal('@'),), subscript.pos, subscript.end)
        return ElementExpansion(part.name, subscript, inner, part.pos, part.end)
    return part


def _one_word(text: Text, word: Word, compiler: Compiler) -> Text:
    """Text: the word behind an operator; in bash mode split and expanded to pathnames."""
    fields: Fields | None = None

    def run(shell: Shell) -> str:
        nonlocal fields
        if not shell.bash or not shell.as_bash('redirections'):
            return text(shell)
        if fields is None:
            fields = compile_one_fields(word, compiler)
        words: list[str] = []
        fields(shell, words)
        return words[0] if len(words) == 1 else Ambiguous(
            compiler.source.text[word.pos:word.end])
    return run


def _ends_in_dash(word: Word) -> bool:
    last = word.parts[-1]
    return type(last) is Literal and last.text[-1] == '-'


def _unmoved(text: Text) -> Text:
    """Text: a descriptor that is expanded; `>&$x` moves none, whatever x is."""
    def run(shell: Shell) -> str:
        target = text(shell)
        return Unmoved(target) if target[-1:] == '-' and moved_from(target) else target
    return run


def _line(text: Text) -> Text:
    return lambda shell: text(shell) + '\n'


def _target(word: Word, compiler: Compiler) -> Text:
    """Text: the word behind a redirection operator, which may stand for one word only."""
    from minishell.compile.braces import words_of
    plain = compile_text(word, compiler)
    wrong = Ambiguous(compiler.source.text[word.pos:word.end])

    def run(shell: Shell) -> str:
        if not shell.options.braceexpand:
            return plain(shell)
        words = words_of(word, compiler)
        if len(words) != 1:
            return wrong
        only = words[0]
        return only if isinstance(only, str) else compile_text(only, compiler)(shell)
    return run
