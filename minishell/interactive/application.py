"""The line editor: one buffer of prompt_toolkit, drawn behind the prompt.

An Application of our own rather than a PromptSession: half the time for each key, and only
what a shell needs.  Enter runs what is whole, and goes on in the next line with what is not:
our own parser says which.
"""
from __future__ import annotations

from asyncio import get_running_loop

from prompt_toolkit.application import application
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import Condition, has_focus, is_done
from prompt_toolkit.formatted_text import ANSI, to_formatted_text
from prompt_toolkit.formatted_text.utils import split_lines
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding.key_bindings import DynamicKeyBindings, merge_key_bindings
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout import (
    ConditionalContainer,
    Dimension,
    Float,
    FloatContainer,
    HSplit,
    Layout,
    Window,
)
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.menus import CompletionsMenu
from prompt_toolkit.layout.processors import (
    ConditionalProcessor,
    HighlightSelectionProcessor,
    TabsProcessor,
)
from prompt_toolkit.output.color_depth import ColorDepth

from minishell.interactive.becoming import Becoming
from minishell.interactive.bound_keys import BoundKeys
from minishell.interactive.highlighting import Highlighter, ShownSuggestion, style
from minishell.interactive.keypresses import KeyPresses, wait_between_keys
from minishell.interactive.keys import KEYS, KillRing, emacs_keys, own_keys
from minishell.interactive.linting import Lint
from minishell.interactive.marks import TYPED
from minishell.interactive.menu import Menu, menu_keys
from minishell.interactive.mouse import Clicks, MouseOutput
from minishell.interactive.pager import QUERY, Pager, pager_keys
from minishell.interactive.pane import Pane
from minishell.interactive.parsing import is_whole, parse
from minishell.interactive.preview import Preview
from minishell.interactive.recalling import older
from minishell.interactive.replacing import replace
from minishell.interactive.screen import (
    is_seen,
    see_to_descriptors,
    taken_apart,
    unseen,
    with_semicolons,
)
from minishell.interactive.typing_history import FromHistory, TypedCommands
from minishell.interactive.walking import Line
from minishell.state.abbreviations import PART
from minishell.state.settings import is_on, settings_of
from minishell.system.signals import SIGINT, SIGWINCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from typing import Any

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import Completion
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_bindings import KeyBindingsBase

    from minishell.interactive.completion import Completer
    from minishell.interactive.keyboard import Keyboard
    from minishell.interactive.prompts import Prompt
    from minishell.interactive.screen import Screen
    from minishell.state.shell import Shell
    from minishell.syntax.partial import Partial


ESCAPE = 0.05                           # seconds until Esc is no beginning of another key
TAB_STOP = 8
MENU = 16                               # lines at most
SEQUENCE = 0.5                          # or of a sequence such as Esc Enter


class LineEditor:
    """Edits a line, which may hold several of the text, behind a prompt."""

    def __init__(self, shell: Shell, disturbed: Callable[[], bool], keyboard: Keyboard,
                 screen: Screen) -> None:
        """`disturbed`: whether there is anything to do before more is typed."""
        self._shell = shell
        self.signals = shell.signals
        self._disturbed = disturbed
        self._screen = screen
        self._given_up = False          # the last line was
        self._wanted: Callable[[Shell, Document], Document] | None = None       # outside
        self._begun = Document()        # what the next line begins with
        self._paused: InputMode | None = None       # of vi, when the line was disturbed
        self._prompt: list[StyleAndTextTuples] = [[]]       # its lines
        self._final: list[StyleAndTextTuples] | None = None     # what they become behind Enter
        self._right: StyleAndTextTuples = []
        self._marks = False             # the end of the prompt is to be told to the terminal
        self._notice, self._noticed = '', ''        # what is told of which text
        self._until_key = False         # and is forgotten with the next key
        self._continuation: Callable[[str], str] = str
        self._continued: dict[str, StyleAndTextTuples] = {}     # by the lines before
        self._loop: AbstractEventLoop | None = None
        self.fixed: Callable[[], str] = str     # the last line, with what was likely meant
        self.slip: Callable[[str], str] = lambda typed: ''      # what is wrong with it so far
        self._vi_keys: KeyBindingsBase | None = None
        self._vi_mode = InputMode.INSERT            # before the pager was opened
        self._completer: Completer | None = None        # once there is anything to complete
        self._lint = Lint(shell, self.parse, lambda: self._app.invalidate())
        self._highlighter = Highlighter(shell, self.parse, self._lint.marks,
                                        lambda: self._app.invalidate())
        commands = TypedCommands(shell)
        self.suggestions = FromHistory(shell, commands)
        self.line = Line(DEFAULT_BUFFER, lambda prefix: older(shell, prefix), commands,
                            self.suggestions, self._accept)
        self._becoming = Becoming(shell, self.parse, lambda: self.line.cursor_position,
                                  lambda: self._app.invalidate())
        self.line.on_text_changed += lambda line: self._lint.changed(line.text)
        self.line.on_text_changed += lambda line: self.suggestions.wait_for_pause()
        self.line.on_text_changed += lambda line: self._becoming.changed(line.text)
        self._pager = Pager(shell, screen.size, lambda: self._app.invalidate(),
                            self.close_pager)
        self._menu = Menu(shell, self._switched)
        self.pane = Pane(shell, lambda: self._app.invalidate())
        self._preview = Preview(shell, self.tell, lambda: self._app.invalidate())
        self._clicks = Clicks(screen, lambda: self._app)
        self._input = KeyPresses(keyboard, self._inserts, self._clicks.told)
        self._own_keys = own_keys(self, shell)
        self._bound = BoundKeys(self, shell, lambda: [
            each for each in (self._app._default_bindings, self._mode_keys(), self._own_keys)
            if each is not None])
        self._app = self._application()
        wait_between_keys(self._app, lambda: ESCAPE if shell.options.vi else SEQUENCE)
        self._app.after_render += self._drawn
        self._app.key_processor.before_key_press += self._key

    def completions(self, document: Document) -> list[Completion]:
        """What completes the text before the cursor."""
        if self._completer is None:
            from minishell.interactive.completion import Completer
            self._completer = Completer(self._shell, self.tell)
        return self._completer.completions(document)

    # -- what is typed ----------------------------------------------------------------

    def parse(self, text: str) -> Partial:
        """What there is of a text, by the language as it is at the moment."""
        return parse(self._shell, text)

    def edit(self, prompt: Prompt, continuation: Callable[[str], str]) -> str | None:
        """What is typed behind the prompt; `continuation` gives that of each further line, by
        what stands before it.

        None once the editor has been disturbed, or has to `act`; the next call goes on with
        what has been typed, unless that was by SIGINT.  Raises EOFError, OSError.
        """
        begun, self._begun = self._begun, Document()
        paused, self._paused = self._paused, None
        if paused is not None and begun != self.line.document:
            paused = None               # something else is to be in the line
        if self._given_up:
            self._given_up = False
            self._input.forget()
            clear_typeahead(self._input)    # which was stored behind `_pause`
        app, screen = self._app, self._screen
        self._prompt = lines_of(prompt.text)
        self._final = None if prompt.final is None else lines_of(prompt.final)
        self._right = lines_of(prompt.right)[0]
        self._marks = bool(prompt.marks)
        self._continuation, self._continued = continuation, {}
        self._highlighter.forget()
        self.suggestions.begin_prompt()
        self._clicks.begin()
        self._bound.look()
        self._notice = ''
        app.erase_when_done = False
        self._set_mode()
        if self.signals.wakeup() < 0:
            raise OSError
        see_to_descriptors()
        if not screen.goes_back():
            screen.begin_line(prompt.first, prompt.marks + unseen(prompt.text))
        if paused is None:              # else all is as it was: lists, undo, the way back
            app.layout.focus(self.line)
            self._pager.end()
            self.line.reset(begun)
        if not begun.text:
            self._preview.forget()
        try:
            return app.run(handle_sigint=False, set_exception_handler=False,
                           pre_run=lambda: self._start(paused))
        finally:
            self._pager.pause()
            self._preview.end()
            self._becoming.end()

    def _set_mode(self) -> None:
        """The keys are those of vi, or of emacs."""
        app, vi = self._app, self._shell.options.vi
        app.editing_mode = EditingMode.VI if vi else EditingMode.EMACS
        self.line.by_prefix = not vi
        app.ttimeoutlen = ESCAPE

    def enter(self, following: str | None = None) -> None:
        """Run what is whole, go on with what is not; the next line may begin with a command
        that follows."""
        buffer = self.line
        if is_whole(self._shell, buffer.text):
            buffer.cursor_position = len(buffer.text)
            if following is not None:
                self.begin_with(following)
            buffer.validate_and_handle()
        else:
            buffer.insert_text('\n')
            self.tell(self.slip(buffer.text))

    def has_abbreviations(self) -> bool:
        """Whether there are any."""
        return bool(self._shell.parts.get(PART))

    def replace_abbreviation(self) -> bool:
        """Replace the word before the cursor, if it is one; whether that has put the cursor
        where it is to stay."""
        return replace(self._shell, self.line, self.parse)

    def begin_with(self, text: str) -> None:
        """Have this in the next line."""
        self._begun = Document(text)

    def preview(self) -> None:
        """Show what the line up to the cursor prints, or no more."""
        if self._loop is not None:
            self._preview.switch(self.line.document.text_before_cursor, self._loop)

    def do_outside(self, act: Callable[[Shell, Document], Document]) -> None:
        """Have something done to the line while the terminal has its usual modes."""
        self._wanted = act
        self._pause()

    def act(self) -> None:
        """Do what is to be done outside of the editor, if anything is."""
        act, self._wanted = self._wanted, None
        if act is not None:
            self._begun = act(self._shell, self._begun)

    def open_pager(self) -> None:
        """Search what was typed before, for what is typed."""
        self._vi_mode = self._app.vi_state.input_mode
        self._app.vi_state.input_mode = InputMode.INSERT
        self._pager.begin(self.line.text if '\n' not in self.line.text else '', self._loop)
        self._app.layout.focus(self._pager.query)

    def close_pager(self, command: str | None, run: bool) -> None:
        """Go back to the line, which may be a command by now that is to be run."""
        self._pager.end()
        self._app.layout.focus(self.line)
        if command is None:
            self._app.vi_state.input_mode = self._vi_mode
            return
        self.line.save_to_undo_stack()
        self.line.document = Document(command)
        if run:
            self.enter()

    def open_menu(self) -> None:
        """Show the settings, to be switched."""
        self._app.layout.focus(self._menu.control)

    def switch(self, name: str) -> bool:
        """Switch a setting, for this shell; whether it is on."""
        said = settings_of(self._shell).said
        said[name] = not is_on(self._shell, name)
        self._switched(name)
        return said[name]

    def _switched(self, name: str) -> None:
        """A setting is another one: have what is shown follow."""
        line = self.line
        self._set_mode()
        self._highlighter.forget()
        self._lint.changed(line.text)
        line.suggestion = self.suggestions.get_suggestion(line, line.document)

    def _accept(self, buffer: Buffer) -> bool:
        self._app.exit(result=buffer.text)
        return True                     # the text stays, for the last drawing

    def tell(self, notice: str) -> None:
        """Say something below the line, until the next change of the text."""
        self._notice, self._noticed = notice, self.line.text

    def explain(self) -> None:
        """Say what is at the cursor, until the next key."""
        from minishell.explain.places import said_at
        line = self.line
        said = said_at(self._shell, self.parse(line.text), line.cursor_position)
        self.tell('\n'.join(said) or KEYS)
        self._until_key = True

    def _key(self, processor: object) -> None:
        """A key is about to be acted on."""
        if self._until_key:
            self._until_key, self._notice = False, ''

    # -- while it waits -----------------------------------------------------------------

    def _start(self, paused: InputMode | None) -> None:
        """Keep the event loop from handling signals: they are noted as elsewhere.  It watches
        the wakeup pipe, and one that has come before is found by the first look."""
        loop = self._loop = get_running_loop()
        loop.set_exception_handler(lambda loop, context: self._failed(context))
        loop.add_signal_handler = lambda *arguments: None       # type: ignore[method-assign]
        loop.remove_signal_handler = lambda sig: False          # type: ignore[method-assign]
        loop.add_reader(self.signals.wakeup(), self._look)
        loop.call_soon(self._look)
        if paused is not None:
            self._app.vi_state.input_mode = paused
            self._pager.go_on(loop)
        self.pane.start(loop)
        self._lint.start(loop, self.line.text)
        self._becoming.start(loop)
        self.suggestions.start(loop)

    def _failed(self, context: dict[str, Any]) -> None:
        """Something has raised that should not: the line stays, what comes next is tried."""
        error = context.get('exception')
        notice = f'internal error: {type(error).__name__}: {error}'
        if notice != self._notice:      # once, should it be in what draws
            self.tell(notice)
            self._app.invalidate()

    def look(self) -> None:
        """Ask soon whether the line is disturbed; from any thread, also if none is edited."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._look)
        except RuntimeError:            # the loop has just been closed: the next one looks
            pass

    def _look(self) -> None:
        """Act on the signals that have come."""
        signals, app = self.signals, self._app
        if SIGWINCH in signals.drain():
            app._on_resize()
        if self._disturbed() and app.future is not None and not app.future.done():
            self._pause(SIGINT in signals.pending)

    def give_up(self) -> None:
        """Forget what has been typed, keys that have not been acted on as well, and an Esc."""
        self._begun, self._paused, self._given_up = Document(), None, True

    def _pause(self, given_up: bool = False) -> None:
        """Leave the event loop, for a while if the line is not given up."""
        self._begun, self._paused = self.line.document, self._app.vi_state.input_mode
        if given_up:
            self.give_up()
        self._app.erase_when_done = not given_up
        self._app.exit(result=None)

    # -- how it is drawn ----------------------------------------------------------------

    def _application(self) -> application.Application[str | None]:
        shell, screen = self._shell, self._screen
        output: Any = screen
        vars(application)['load_key_bindings'] = emacs_keys     # those of vi only if wanted
        exact = shell.variables.get('COLORTERM') in ('truecolor', '24bit')
        return application.Application(
            color_depth=ColorDepth.DEPTH_24_BIT if exact else None,
            layout=self._layout(), style=style('NO_COLOR' not in shell.variables.names()),
            include_default_pygments_style=False, clipboard=KillRing(),
            key_bindings=merge_key_bindings([
                DynamicKeyBindings(self._mode_keys), self._own_keys,
                DynamicKeyBindings(self._bound.keys), pager_keys(self._pager),
                menu_keys(self._menu, lambda: self._app.layout.focus(self.line))]),
            input=self._input, mouse_support=Condition(lambda: is_on(shell, 'mouse')),
            output=MouseOutput(output, lambda: Size(*screen.size()), enable_cpr=False,
                               term=shell.variables.get('TERM')))

    def _inserts(self) -> bool:
        """Whether a letter that is typed next is put into the text."""
        app = self._app
        keys = app.key_processor
        return not (keys.key_buffer or keys.arg is not None or app.quoted_insert
                    or self._shell.options.vi and app.vi_state.input_mode != InputMode.INSERT)

    def _mode_keys(self) -> KeyBindingsBase | None:
        if self._shell.options.vi and self._vi_keys is None:
            from minishell.interactive.vi_keys import vi_keys
            self._vi_keys = vi_keys(self, self._app.key_processor)
        return self._vi_keys

    def _layout(self) -> Layout:
        control = BufferControl(
            buffer=self.line, lexer=self._highlighter,
            include_default_input_processors=False, input_processors=[
                HighlightSelectionProcessor(), TabsProcessor(TAB_STOP, ' ', ' '),
                ConditionalProcessor(ShownSuggestion(),
                                     has_focus(self.line) & ~is_done)])
        line = Window(control, height=self._height, get_line_prefix=self._prefix,
                      wrap_lines=True, dont_extend_height=True)
        above = Window(FormattedTextControl(self._above), dont_extend_height=True)
        right = ConditionalContainer(
            Window(FormattedTextControl(lambda: self._right), height=1),
            filter=~is_done & Condition(
                lambda: bool(self._right) and is_on(self._shell, 'right-prompt')))
        menu = Float(CompletionsMenu(max_height=MENU, scroll_offset=1), xcursor=True,
                     ycursor=True, transparent=True)
        rows = HSplit([
            ConditionalContainer(above, filter=Condition(lambda: len(self._lines()) > 1)),
            FloatContainer(line, [
                Float(right, right=1, top=0, hide_when_covering_content=True)]),
            self._pager.container(has_focus(QUERY) & ~is_done), self._menu.container(),
            self._preview.container(),
            self.pane.container(),
            ConditionalContainer(
                Window(FormattedTextControl(self._below), style='class:sh.notice',
                       dont_extend_height=True, wrap_lines=True),
                filter=~is_done & Condition(lambda: bool(self._below())))])
        return Layout(FloatContainer(rows, [menu]), line)

    def _height(self) -> Dimension:
        """Lines kept below for the menu, while it is open."""
        state = self.line.complete_state
        if state is None:
            return Dimension(min=1)
        return Dimension(min=1, preferred=self.line.document.line_count
                         + min(len(state.completions), MENU))

    def _below(self) -> str:
        """What is said below the line: what has been told, else what lint has to say, and what
        the word at the cursor becomes."""
        line = self.line
        if self._notice and self._noticed == line.text:
            return self._notice
        said = self._lint.said(line.text, line.cursor_position), self._becoming.said(line.text)
        return '\n'.join(filter(None, said))

    def _lines(self) -> list[StyleAndTextTuples]:
        """The lines of the prompt."""
        final = self._final
        return self._prompt if final is None or not self._app.is_done \
            or not is_on(self._shell, 'transient-prompt') else final

    def _above(self) -> StyleAndTextTuples:
        """Those before its last."""
        joined: StyleAndTextTuples = []
        for line in self._lines()[:-1]:
            joined += [*line, ('', '\n')]
        return joined[:-1]

    def _prefix(self, number: int, wrapped: int) -> StyleAndTextTuples:
        """What stands before a line of the text."""
        if wrapped:
            return []
        if not number:
            return self._lines()[-1]
        before = '\n'.join([*self.line.document.lines[:number], ''])
        shown = self._continued.get(before)
        if shown is None:
            shown = self._continued[before] = lines_of(self._continuation(before))[-1]
        return shown

    def _drawn(self, app: object) -> None:
        """The prompt has been drawn: tell the terminal that what follows is typed."""
        if self._marks:
            self._marks = False
            self.tell_terminal(TYPED)

    def tell_terminal(self, mark: str) -> None:
        """Send the terminal what is not seen."""
        self._screen.write(mark)


def lines_of(prompt: str) -> list[StyleAndTextTuples]:
    """The lines of a prompt as they are drawn: text and colours."""
    pieces = [' ' * TAB_STOP if piece == '\t' else piece for piece in taken_apart(prompt)]
    text = ''.join([with_semicolons(piece) for piece in pieces if is_seen(piece)])
    return list(split_lines(to_formatted_text(ANSI(text))))
