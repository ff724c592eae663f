"""Ten lessons' traces as pages in a browser: steps by key, sentences and tables right."""
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import test_trace_page
from course_stories import PAGES, TRACE, typed
from test_course_lessons import needs
from test_trace_page import ROWS, needs_browser, sentence

from minishell.glass.html import write_html

if TYPE_CHECKING:
    from pathlib import Path

    from browser import Browser

browser = test_trace_page.browser       # the fixture
ANY = None              # a cell that depends on what others have done until then
# Of three steps of each lesson: whose it is, its text, the sentence (or how it begins), rows of
# processes (state, because, descriptors 0 and 1), rows of pipes (readers, writers, bytes).
Cells = tuple['str | None', ...]
Moment = tuple[str, str, str, dict[str, Cells], dict[str, Cells]]
MOMENTS: dict[str, list[Moment]] = {
    '01-fork': [
        ('sh', 'fork P1', 'The shell forks: P1 is a copy of it', {'P1': ('R runs', '')}, {}),
        ('P1', 'exit 3', 'P1 ends with status 3; it is a zombie until its parent waits',
         {'P1': ('Z zombie', 'exit 3; sh has not waited for it', '–', '–')}, {}),
        ('sh', 'reap P1=3', 'The shell takes the status of P1', {'P1': ('gone', 'exit 3')},
         {})],
    '04-exec': [
        ('P1', 'f→0', 'P1 makes descriptor 0 a copy of 3: f', {'P1': (ANY, ANY, 'f', '→①')},
         {}),
        ('P1', 'exec cat', 'P1 becomes ', {'P1': ('R runs', '', 'f', '→①')},
         {'①': (ANY, ANY, '0 B')}),
        ('P2', 'EOF ①', 'P2 comes to the end of ①: it is empty, and no process holds its '
         'writing end any more', {'P2': ('R runs', '', '←①')}, {'①': (ANY, 'nobody', '0 B')})],
    '06-wait': [
        ('P1', 'kill SIGKILL P2', 'P1 sends SIGKILL to P2', {'P1': ('R runs', '', ANY, 'out')},
         {}),
        ('P2', '†SIGKILL', 'P2 is ended by SIGKILL',
         {'P2': ('Z zombie', 'SIGKILL; P1 has not waited for it', '–', '–')}, {}),
        ('P1', 'reap P4=†SIGKILL', 'P1 takes the status of P4', {'P4': ('gone', 'SIGKILL')},
         {})],
    '15-kill': [
        ('P2', 'kill SIGUSR1 P1+P2', 'P2 sends SIGUSR1 to the group P1+P2',
         {'P2': ('R runs', '')}, {}),
        ('P1', 'signal SIGUSR1 by P2', 'P1 receives SIGUSR1 from P2', {}, {}),
        ('P1', 'trap USR1', 'P1 runs what its trap on USR1 says: :', {'P2': ('gone', 'exit 0')},
         {})],
    '16-trap': [
        ('P1', 'kill SIGUSR1 P1', 'P1 sends SIGUSR1 to P1', {'P1': ('R runs', '')}, {}),
        ('P1', 'SIGUSR1 ignored', 'P1 ignores SIGUSR1: nothing comes of it',
         {'P1': ('R runs', '')}, {}),
        ('P1', 'exit 3', 'P1 ends with status 3',
         {'P1': ('Z zombie', 'exit 3; sh has not waited for it')}, {})],
    '19-sigfpe': [
        ('P1', 'write out 19 B', 'P1 writes 19 B to out: "Calcul de : 1252/0\\n"',
         {'P1': ('R runs', '', ANY, 'out')}, {}),
        ('P1', 'signal SIGFPE', 'P1 receives SIGFPE', {'P1': ('R runs', '')}, {}),
        ('P1', '†SIGFPE', 'P1 is ended by SIGFPE',
         {'P1': ('Z zombie', 'SIGFPE; sh has not waited for it', '–', '–')}, {})],
    '25-pipe': [
        ('P1', 'pipe ①', 'P1 makes the pipe ①, and has both its ends', {'P1': ('R runs', '')},
         {'①': ('P1', 'P1', '0 B')}),
        ('P1', 'write ① 6 B', 'P1 writes 6 B into ①: "hello\\n"', {},
         {'①': ('P2', ANY, '6 B')}),
        ('P2', 'exit 0', 'P2 ends with status 0', {'P2': ('Z zombie', ANY, '–', '–')},
         {'①': ('nobody', 'P1', '0 B')})],
    '28-pipeline': [
        ('P1', 'write ① 9 B', 'P1 writes 9 B into ①: "ab\\nxb\\nab\\n"',
         {'P1': ('R runs', '', ANY, '→①')}, {'①': (ANY, ANY, '9 B')}),
        ('P2', 'EOF ①', 'P2 comes to the end of ①', {'P2': ('R runs', '', '←①', '→②')},
         {'①': (ANY, 'nobody', '0 B'), '②': (ANY, ANY, '0 B')}),
        ('P3', 'EOF ②', 'P3 comes to the end of ②', {'P3': ('R runs', '', '←②')},
         {'②': (ANY, 'nobody', '0 B')})],
    '30-sigpipe': [
        ('P2', 'exec head', 'P2 becomes ', {'P2': ('R runs', '', '←①')}, {}),
        ('P1', 'EPIPE ①', 'P1 writes into ①, which no process can read any more: EPIPE, and '
         'the kernel sends it SIGPIPE', {'P1': ('R runs', '', ANY, '→①')},
         {'①': ('nobody', 'P1')}),
        ('P1', '†SIGPIPE', 'P1 is ended by SIGPIPE', {'P1': ('Z zombie',
         'SIGPIPE; sh has not waited for it', '–', '–')}, {'①': ('–', '–')})],
    '33-fifo': [
        ('sh', 'open ①', 'The shell opens ① (ff) for writing', {'sh': ('R runs', '')},
         {'①': (ANY, 'sh', '0 B')}),
        ('sh', 'write ① 3 B', 'The shell writes 3 B into ①: "hi\\n"', {},
         {'①': (ANY, 'sh', '3 B')}),
        ('P1', 'EOF ①', 'P1 comes to the end of ①', {'P1': ('R runs', '', '←①', 'out')},
         {'①': ('P1', 'nobody', '0 B')})],
}


def agree(wanted: Cells, shown: list[str]) -> bool:
    """Whether cells are as wanted."""
    return all(cell is ANY or cell == text for cell, text in zip(wanted, shown, strict=False))


@needs_browser
@pytest.mark.parametrize('name', MOMENTS)
def test_a_page_of_a_lesson(name: str, browser: Browser, minishell: list[str], tmp_path: Path,
                            environment: dict[str, str]) -> None:
    told = next(each for each in PAGES if each.name == name)
    needs(told.page)
    line = told.traces[0].typed.rstrip('\n').replace(TRACE, 'trace -o story.json ')
    _, story = typed(told, [line], minishell, environment | {'TMPDIR': str(tmp_path)})
    assert story is not None
    if story['engine'] != 'ptrace':
        pytest.skip(f'ptrace cannot be had: {story["incomplete"]}')
    assert story['incomplete'] == []
    path = tmp_path / 'F.html'
    path.write_text(write_html(story), encoding='utf-8')
    browser.open(path.as_uri())
    seen = 0
    for who, text, says, processes, pipes in MOMENTS[name]:
        number, = [step['seq'] for step in story['steps']
                   if (step['p'], step['text']) == (who, text)][:1]
        for _ in range(len(story['steps'])):
            if browser.eval('location.hash') == f'#{number}':
                break
            browser.press('ArrowRight' if number > seen else 'ArrowLeft')
        assert browser.eval('location.hash') == f'#{number}'
        seen = number
        assert sentence(browser).startswith(says)
        assert sentence(browser) == story['steps'][number - 1]['say']
        for table, wanted in enumerate((processes, pipes)):
            rows = {row[0].split()[0]: row[1:] for row in browser.eval(ROWS % table)} \
                if wanted else {}
            for row, cells in wanted.items():
                assert agree(cells, rows[row]), (text, row, rows[row])
    assert browser.complaints == []
    assert browser.requests == [path.as_uri()]
