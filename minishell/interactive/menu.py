"""F4: the settings of the line editor, switched as one looks at them."""
from __future__ import annotations

from prompt_toolkit.filters import has_focus, is_done
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.layout import ConditionalContainer, Window

from minishell.interactive.mouse import ListControl
from minishell.interactive.settings_file import MODE, path_of, write_settings
from minishell.state.settings import SETTINGS, is_on, settings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_bindings import KeyBindingsBase
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from minishell.state.shell import Shell

MODES = 'the keys of vi, or of emacs'


class Menu:
    """The list, and which setting is chosen."""

    def __init__(self, shell: Shell, switched: Callable[[str], None]) -> None:
        """`switched` is told of each change."""
        self._shell = shell
        self._names = [*SETTINGS, MODE]
        self._at = 0
        self._notice = ''               # why the file could not be written
        self._clicked = -1              # the one that was clicked last
        self._switched = switched
        self.control = ListControl(self._rows, self._click, focusable=True)

    def container(self) -> ConditionalContainer:
        """Where it is drawn."""
        return ConditionalContainer(Window(self.control, dont_extend_height=True),
                                    filter=has_focus(self.control) & ~is_done)

    def move(self, rows: int) -> None:
        """Choose another one."""
        self._at = (self._at + rows) % len(self._names)

    def _click(self, row: int) -> None:
        """Choose another one; the second click on it switches it."""
        if row >= len(self._names):
            return
        if row == self._at == self._clicked:
            self.switch()
        self._at = self._clicked = row

    def switch(self) -> None:
        """Switch the setting that is chosen, and keep it."""
        shell, name = self._shell, self._names[self._at]
        settings = settings_of(shell)
        if name == MODE:
            settings.kept[name] = 'emacs' if shell.options.vi else 'vi'
            shell.set_option(settings.kept[name], True)
        else:
            settings.kept[name] = 'off' if is_on(shell, name) else 'on'
            settings.said.pop(name, None)
        try:
            write_settings(shell, name)
            self._notice = ''
        except (OSError, ValueError) as error:
            self._notice = f'not kept: {getattr(error, "strerror", None) or error}: '
        self._switched(name)

    def _rows(self) -> StyleAndTextTuples:
        shell = self._shell
        rows: StyleAndTextTuples = []
        for number, name in enumerate(self._names):
            value = ('vi' if shell.options.vi else 'emacs') if name == MODE else \
                'on' if is_on(shell, name) else 'off'
            style = 'class:sh.chosen' if number == self._at else ''
            if style:                   # in a small window it is what must be seen
                rows.append(('[SetCursorPosition]', ''))
            rows += [(style, f'{value:>5}  {name:<16} '),
                     ('class:sh.notice', f' {SETTINGS.get(name, MODES)}\n')]
        return [*rows, ('class:sh.notice', f'Space switches, Esc goes back  '
                                           f'{self._notice}{path_of(shell)}')]


def menu_keys(menu: Menu, leave: Callable[[], None]) -> KeyBindingsBase:
    """What keys do while it is open: `leave` closes it."""
    keys = KeyBindings()
    choosing = has_focus(menu.control)

    for name, rows in {'down': 1, 'c-n': 1, 'tab': 1, 'j': 1,
                       'up': -1, 'c-p': -1, 's-tab': -1, 'k': -1}.items():
        @keys.add(name, filter=choosing)
        def move(event: KeyPressEvent, rows: int = rows) -> None:
            """Choose another one."""
            menu.move(rows)

    @keys.add(' ', filter=choosing)
    def switch(event: KeyPressEvent) -> None:
        """Switch it."""
        menu.switch()

    @keys.add('escape', filter=choosing, eager=True)
    @keys.add('enter', filter=choosing)
    @keys.add('c-g', filter=choosing)
    @keys.add('f4', filter=choosing)
    @keys.add('q', filter=choosing)
    def back(event: KeyPressEvent) -> None:
        """Back to the line."""
        leave()
    return keys
