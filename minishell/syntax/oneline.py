"""The lines of a command as one line, for the history list (shopt cmdhist of bash)."""
from __future__ import annotations

from minishell.syntax.spans import record

# Behind these bash joins lines with a blank, behind all else with `; `.
OPEN = frozenset(('{', '(', ';', '&', '|', '|&', ';;', ';&', ';;&', '&&', '||', 'case', 'do',
                  'else', 'if', 'then', 'until', 'while', 'in', ''))

KEPT = frozenset(('comment', 'here-document', 'delimiter'))     # the newline behind them


def on_one_line(text: str) -> str:
    """A command's text without newlines but those in quotes and here-documents."""
    text = text.rstrip('\n')
    if '\n' not in text:
        return text
    pieces: list[str] = []
    before, last, kind = '', '', ''     # the two tokens before, and of what kind the last is
    spans = record(text)
    documents = any(kind == 'here-document' for _, _, kind in spans)
    cases = depth = 0
    for pos, end, span in spans:
        piece = text[pos:end]
        if span == 'newline':
            line = text[text.rfind('\n', 0, pos) + 1:pos]
            if depth or documents and '<<' in line or kind in KEPT:
                pieces.append('\n')
            else:
                pieces.append(_joint(before, last, cases) * ('\n' in piece))
        elif span == 'continuation':
            continue
        else:
            pieces.append(piece)
        if span == 'substitution':
            depth += 1 if piece[-1:] == '(' or piece == '`' and not depth else -1
        if span not in ('newline', 'blank'):
            kind = span
            if span != 'comment':
                before, last = last, piece
            cases += (span == 'reserved') * ((piece == 'case') - (piece == 'esac'))
    return ''.join(pieces) + ('\n' if kind == 'delimiter' and documents else '')


def _joint(before: str, last: str, cases: int) -> str:
    if last == ')':
        return ' ' if before == '(' or cases else '; '
    return ' ' if last in OPEN or before == 'function' else '; '
