"""The page of a trace: complete without scripts, and stepped through in a browser."""
from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from browser import PROGRAM, Browser
from glass_stories import BACKGROUND, CTRL_C, CTRL_Z, PIPELINE, SITUATIONS, told
from test_trace_svg import crowd, flood, loop

from minishell.glass.geometry import Geometry
from minishell.glass.html import write_html
from minishell.glass.moments import PROCESS, moments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_browser = pytest.mark.skipif(PROGRAM is None, reason='there is no Chromium here')
EVERY = pytest.mark.parametrize('story', SITUATIONS.values(), ids=SITUATIONS)
VOID = ('meta', 'input', 'br', 'link')
ROWS = """[...document.querySelectorAll('#moment table')[%d].tBodies[0].rows].map(
    row => [...row.cells].map(cell => cell.textContent.trim()))"""


class Outline(HTMLParser):
    """The elements of a page, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ('script', 'style'):
            self.words.append(data)


def at(story: dict[str, Any], text: str, who: str = '') -> int:
    """The number of a step."""
    return next(int(step['seq']) for step in story['steps']
                if step['text'] == text and who in ('', step['p']))


# -- as it is written -------------------------------------------------------------------------


@EVERY
def test_the_story_is_there_without_scripts(story: dict[str, Any]) -> None:
    page = Outline(write_html(story))
    words = ''.join(page.words)
    for step in Geometry(story).steps:
        assert step['say'] in words
    assert page.tags.count('li') >= len(Geometry(story).steps)
    assert page.tags.count('svg') >= 1


def test_it_asks_nothing_of_the_network() -> None:
    page = write_html(PIPELINE)
    assert set(re.findall(r'\w+://[^"\s)<]*', page)) == {'http://www.w3.org/2000/svg'}
    assert "default-src 'none'" in page
    assert not re.search(r'\b(?:src|srcset)=|@import|url\((?!#)', page)


@pytest.mark.parametrize('text', ['</script><script>alert(1)</script>', '<img src=x onerror=y>',
                                  '"><b>', "' onload='x", '</title><b>', ']]><!--'])
def test_commands_are_inert(text: str) -> None:
    pages = []
    for word in ('harmless', text):
        story = told('x', f'1 sh fork P1: x\n2 P1 exec {word}\n3 P1 block {word}\n4 P1 wake')
        story.update(command=word, incomplete=[word], notes=[word])
        for step in story['steps']:
            step['say'] = word
        pages.append(Outline(write_html(story)))
    assert pages[0].tags.count('script') == pages[1].tags.count('script') == 2
    assert set(pages[0].tags) == set(pages[1].tags)


@pytest.mark.parametrize(('story', 'longest'), [
    (PIPELINE, 80_000), (loop(300), 2_000_000), (crowd(100), 500_000),
    (flood(100_000), 5_000_000)], ids=['pipeline', 'loop', 'crowd', 'flood'])
def test_its_size(story: dict[str, Any], longest: int) -> None:
    assert len(write_html(story).encode()) < longest


def test_what_is_incomplete_is_said() -> None:
    story = PIPELINE | {'incomplete': ['① was read before it was written'],
                        'notes': ['sudo ran without its rights']}
    words = ''.join(Outline(write_html(story)).words)
    assert 'This picture is incomplete.' in words
    assert '① was read before it was written' in words
    assert 'sudo ran without its rights' in words
    assert 'incomplete' not in ''.join(Outline(write_html(PIPELINE)).words)


def test_samples_are_dashed_and_said() -> None:
    page = write_html(PIPELINE | {'engine': 'samples'})
    assert 'seen now and then' in page
    assert re.search(r'class="full c1 sampled"', page)
    assert not re.search(r'class="[^"]* sampled"', write_html(PIPELINE))


def test_commands_wear_the_colours_of_their_processes() -> None:
    assert ('<h1><span class="c1" data-id="P1">grep x f</span> | '
            '<span class="c2" data-id="P2">sort -uf</span> | '
            '<span class="c3" data-id="P3">wc -l</span></h1>') in write_html(PIPELINE)
    assert ('<h1><span class="c1" data-id="P1">(<span class="c2" data-id="P2">sleep 1</span>; '
            'exit 7)</span> &amp; wait $!</h1>') in write_html(BACKGROUND)


def rows(story: dict[str, Any], number: int) -> list[list[str]]:
    """The processes' cells behind a step."""
    geometry = Geometry(story)
    now: dict[int, str] = {}
    for step, change in zip(geometry.steps, moments(geometry), strict=True):
        if step['seq'] <= number:
            now |= change
    width = len(PROCESS)
    return [[now.get(width * row + column, '') for column in range(width)]
            for row in range(len(story['procs']))]


def test_states_behind_steps() -> None:
    behind = rows(PIPELINE, at(PIPELINE, 'EOF ①'))
    assert behind[0] == ['S asleep', 'wait: for a child to end', 'tty', 'tty', 'tty', '']
    assert behind[1] == ['R runs', '', 'tty', '–', 'tty', '']
    assert behind[2] == ['R runs', '', '←①', '→②', 'tty', '']
    assert behind[3] == ['S asleep', 'read ②: it is empty', '←②', 'tty', 'tty', '']
    assert rows(PIPELINE, at(PIPELINE, 'fork P1'))[1:] == [
        ['R runs', '', 'tty', 'tty', 'tty', '3 ←①, 4 →①'], [''] * 6, [''] * 6]
    behind = rows(PIPELINE, at(PIPELINE, 'reap P1'))
    assert [row[:2] for row in behind] == [
        ['R runs', ''], ['gone', 'exit 0'], ['Z zombie', 'exit 0; sh has not waited for it'],
        ['Z zombie', 'exit 0; sh has not waited for it']]
    stopped = rows(CTRL_Z, at(CTRL_Z, '$?=148'))
    assert [row[:2] for row in stopped[1:]] == [['T stopped', 'SIGTSTP']] * 2


def test_an_orphan_is_no_zombie() -> None:
    story = told('(sleep 1 & exit); sleep 2', """
        1 sh fork P1: (sleep 1 & exit)
        2 P1 fork P2: sleep 1
        3 P1 exit 0
        4 sh reap P1
        5 P2 exec sleep 1
        6 P2 exit 0
        7 sh fork P3: sleep 2""")
    assert [row[:2] for row in rows(story, 6)] == [
        ['R runs', ''], ['gone', 'exit 0'], ['gone', 'exit 0; init has waited for it'],
        ['', '']]
    page = write_html(story)
    assert 'orphan: P1 has ended' in page
    assert 'zombie: not waited for' not in page


# -- in a browser -----------------------------------------------------------------------------


@pytest.fixture(scope='module')
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp('chromium')
    try:
        started = Browser(folder)
    except (OSError, AssertionError) as error:      # it ends, or never answers
        pytest.skip(f"{PROGRAM} does not start here: {error} {(folder / 'stderr').read_text()}")
    with started as browser:
        browser.size(1400, 900)
        yield browser


def written(folder: Path, story: dict[str, Any]) -> str:
    path = folder / 'F.html'
    path.write_text(write_html(story), encoding='utf-8')
    return path.as_uri()


def sentence(browser: Browser) -> str:
    return str(browser.eval("document.querySelector('#now span:last-child').textContent"))


@needs_browser
def test_a_fragment_leads_to_its_step(browser: Browser, tmp_path: Path) -> None:
    number = at(PIPELINE, 'EOF ①')
    url = written(tmp_path, PIPELINE)
    browser.open(f'{url}#{number}')
    assert sentence(browser) == PIPELINE['steps'][number - 1]['say']
    assert browser.eval(ROWS % 0) == [
        ['sh', 'S asleep', 'wait: for a child to end', 'tty', 'tty', 'tty', ''],
        ['P1', 'R runs', '', 'tty', '–', 'tty', ''],
        ['P2', 'R runs', '', '←①', '→②', 'tty', ''],
        ['P3', 'S asleep', 'read ②: it is empty', '←②', 'tty', 'tty', '']]
    assert browser.eval(ROWS % 1) == [['①', 'P2', 'nobody', '0 B'], ['②', 'P3', 'P2', '0 B']]
    assert browser.eval('scrollY') == 0
    assert browser.complaints == []
    assert browser.requests == [f'{url}']


@needs_browser
def test_keys_step(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, PIPELINE))
    assert sentence(browser) == PIPELINE['steps'][0]['say']
    for number in range(2, len(PIPELINE['steps']) + 1):
        browser.press('ArrowRight')
        assert sentence(browser) == PIPELINE['steps'][number - 1]['say']
        assert browser.eval('location.hash') == f'#{number}'
    browser.press('ArrowRight')             # and no farther
    browser.press('ArrowLeft')
    assert sentence(browser) == PIPELINE['steps'][-2]['say']
    browser.press('Home')
    assert browser.eval(ROWS % 0)[1:] == [['P1'] + [''] * 6, ['P2'] + [''] * 6,
                                          ['P3'] + [''] * 6]
    browser.press('End')
    assert [row[1] for row in browser.eval(ROWS % 0)] == ['R runs', 'gone', 'gone', 'gone']
    assert browser.complaints == []


@needs_browser
def test_back_and_on_agree(browser: Browser, tmp_path: Path) -> None:
    """Each step's tables are the same, from whichever side it is reached."""
    browser.open(written(tmp_path, CTRL_C))
    tables = "document.querySelector('#moment').textContent"
    on = [browser.eval(tables)]
    for _ in CTRL_C['steps'][1:]:
        browser.press('ArrowRight')
        on.append(browser.eval(tables))
    back = [browser.eval(tables)]
    for _ in CTRL_C['steps'][1:]:
        browser.press('ArrowLeft')
        back.append(browser.eval(tables))
    assert back[::-1] == on


@needs_browser
def test_changed_cells_are_marked(browser: Browser, tmp_path: Path) -> None:
    browser.open(f'{written(tmp_path, PIPELINE)}#{at(PIPELINE, "exit 0", "P1")}')
    marked = "[...document.querySelectorAll('.changed')].map(cell => cell.textContent)"
    assert browser.eval(marked) == ['Z zombie', 'exit 0; sh has not waited for it', '–', '–']
    assert browser.eval("document.querySelector('h1 .current').textContent") == 'grep x f'
    browser.press('ArrowLeft')
    assert browser.eval(marked) == []


@needs_browser
def test_a_click_leads_to_its_step(browser: Browser, tmp_path: Path) -> None:
    browser.open(written(tmp_path, CTRL_C))
    number = at(CTRL_C, 'exec cat')
    place = browser.eval(f"""(() => {{ const box = document.querySelector(
        'svg .steps a[href="#{number}"] rect').getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
    browser.click(*place)
    assert browser.eval('location.hash') == f'#{number}'
    assert sentence(browser) == 'P2 becomes cat'
    browser.eval("document.querySelector('#s3 a').click()")
    assert sentence(browser) == CTRL_C['steps'][2]['say']
    browser.eval('slider.value = 4; slider.oninput()')
    assert sentence(browser) == CTRL_C['steps'][4]['say']
    browser.eval("location.hash = '#7'; onhashchange()")
    assert sentence(browser) == CTRL_C['steps'][6]['say']
    assert browser.complaints == []


@needs_browser
def test_hostile_text_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    text = '</script><script>document.title="owned"</script><img src=x onerror=alert(1)>'
    story = told('x', f'1 sh fork P1: x\n2 P1 exec {text}\n3 P1 block {text}\n4 P1 wake')
    story.update(command=text)
    browser.open(written(tmp_path, story) + '#3')
    assert browser.eval('document.title').startswith('</script>')
    assert browser.eval(ROWS % 0)[1][2] == text
    assert browser.eval("document.querySelectorAll('img').length") == 0
    assert browser.complaints == []
    assert len(browser.requests) == 1


@needs_browser
def test_dark_and_printed(browser: Browser, tmp_path: Path) -> None:
    browser.open(f'{written(tmp_path, PIPELINE)}#30')
    browser.eval('figure.scrollLeft = 300; new Promise(requestAnimationFrame)')
    paper = "getComputedStyle(document.body).backgroundColor + ' ' + " \
        "getComputedStyle(document.querySelector('svg .ground')).fill"
    light = browser.eval(paper)
    dark = [{'name': 'prefers-color-scheme', 'value': 'dark'}]
    try:
        browser.ask('Emulation.setEmulatedMedia', media='screen', features=dark)
        assert browser.eval(paper) != light
        browser.ask('Emulation.setEmulatedMedia', media='print', features=dark)
        assert browser.eval(paper) == light
        # The picture is on the paper in bands, the heads of its lanes at the left.
        assert browser.eval('figure.clientHeight') == 0
        assert browser.eval("document.querySelectorAll('.bands > svg').length") == 2
        assert browser.eval('getComputedStyle(heads).transform') == 'none'
        assert browser.eval('getComputedStyle(slider.parentNode).display') == 'none'
    finally:
        browser.ask('Emulation.setEmulatedMedia', media='', features=[])


@needs_browser
@pytest.mark.parametrize('story', [loop(100), crowd(60), flood(20_000), told('x=1', '')],
                         ids=['loop', 'crowd', 'flood', 'nothing'])
def test_large_and_empty_stories(browser: Browser, tmp_path: Path,
                                 story: dict[str, Any]) -> None:
    browser.open(written(tmp_path, story))
    browser.press('End')
    if story['steps']:
        assert sentence(browser) == story['steps'][-1]['say']
    assert browser.complaints == []


@needs_browser
@EVERY
def test_nothing_sticks_out(browser: Browser, tmp_path: Path, story: dict[str, Any]) -> None:
    """Every word of the picture is within it, in the fonts that are here."""
    browser.open(written(tmp_path, story))
    outside = browser.eval("""(() => {
        const svg = document.querySelector('svg').getBoundingClientRect();
        return [...document.querySelectorAll('svg text')].filter(text => {
            const box = text.getBoundingClientRect();
            return box.left < svg.left || box.right > svg.right || box.top < svg.top
                || box.bottom > svg.bottom;
        }).map(text => text.textContent); })()""")
    assert outside == []
    assert browser.eval('document.documentElement.scrollWidth <= innerWidth')
