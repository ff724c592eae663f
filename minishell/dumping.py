"""What bash prints of a script instead of running it: with `-D`, `--dump-strings` and
`--dump-po-strings` its strings `$"…"`, with `--pretty-print` all of it, laid out anew.  It is
collected; the caller writes it."""
from __future__ import annotations

from minishell.errors import ShellSyntaxError
from minishell.session import make_parser
from minishell.syntax.nodes import DoubleQuoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minishell.state.shell import Shell
    from minishell.syntax.source import Source


def print_anew(shell: Shell, source: Source) -> int:
    """Print each command as `declare -f` lays it out.  Returns the exit status."""
    from minishell.syntax.bash_layout import script_text
    parser = make_parser(shell, source)
    try:
        while (node := parser.parse_complete_command()) is not None:
            if node.commands:
                shell.out.write(script_text(node, parser.lexer.source) + '\n')
    except ShellSyntaxError as error:
        shell.report(error)
        return 1
    return 0


def dump(shell: Shell, source: Source, portable: bool) -> int:
    """Print the strings that are to be translated, perhaps as a catalogue of gettext's (PO);
    nothing is run.  Returns the exit status."""
    parser = make_parser(shell, source)
    try:
        while (node := parser.parse_complete_command()) is not None:
            text = parser.lexer.source
            for part in node.walk():
                if type(part) is DoubleQuoted and part.pos > 0 \
                        and text.text[part.pos - 1:part.pos + 1] == '$"':
                    shell.out.write(_entry(text, part, portable))
    except ShellSyntaxError as error:
        shell.report(error)
        return error.status
    return 0


def _entry(source: Source, part: DoubleQuoted, portable: bool) -> str:
    text = source.text[part.pos:part.end]
    if not portable:
        return f'{text}\n'
    lines = text.replace('\n', '\\n"\n"')
    before = '""\n' if '\n' in text else ''
    return f'#: {source.name}:{source.line_of(part.pos)}\nmsgid {before}{lines}\nmsgstr ""\n'
