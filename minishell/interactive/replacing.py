"""Abbreviations replaced as the word behind which one types ends."""
from __future__ import annotations

from prompt_toolkit.document import Document

from minishell.errors import ControlFlow, Interrupted, ShellError
from minishell.run.tracing import quoted
from minishell.state.abbreviations import PART, abbreviation_of
from minishell.syntax.spans import spans_of
from minishell.system.signals import SIGINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.buffer import Buffer

    from minishell.state.abbreviations import Abbreviation
    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial

ENDS = ' ;|&<>)'        # keys that end a word
BEHIND = ' \t\n;|&(`'   # what a word may begin behind


def replace(shell: Shell, buffer: Buffer, parse: Callable[[str], Partial]) -> bool:
    """Replace the word before the cursor, if it is an abbreviation; whether the cursor is to
    stay where that has put it."""
    if not shell.parts.get(PART):
        return False
    before = buffer.document.text_before_cursor
    spans = [span for span in spans_of(parse(before)) if span[1] == len(before)]
    if not spans or spans[-1][2] not in ('command', 'word'):
        return False
    start, end, kind = spans[-1]
    if start and before[start - 1] not in BEHIND:
        return False                    # the end of a word that has quotes, perhaps
    found = abbreviation_of(shell, before[start:end], kind == 'command')
    text = _text(shell, found, before[start:end]) if found is not None else None
    if found is None or text is None:
        return False
    text, marker, behind = text.partition(found.marker) if found.marker else (text, '', '')
    buffer.save_to_undo_stack()
    buffer.document = Document(
        before[:start] + text + behind + buffer.document.text_after_cursor, start + len(text))
    return bool(marker)


def _text(shell: Shell, found: Abbreviation, word: str) -> str | None:
    """What stands for a word; None if the function that is to say so says nothing."""
    if not found.function:
        return found.text
    status = shell.status
    try:
        return shell.expand_text(f'$({found.function} {quoted(word)})') or None
    except Interrupted:
        shell.pending.append(SIGINT)
        return None
    except (ShellError, ControlFlow):
        return None
    finally:
        shell.status = status
