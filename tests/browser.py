"""A headless Chromium, told over its DevTools pipe what to do; what a page complains of and
asks of the network is kept."""
from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

NAMES = ('chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'chrome')
PROGRAM = next((path for name in NAMES if (path := shutil.which(name))), None)

SECONDS = 300           # that one answer may take, on a busy machine
OPTIONS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
           '--remote-debugging-pipe')
# It reads commands from descriptor 3 and answers on 4, which are not these ones before.
START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page; a context manager."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM is not None
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        with open(folder / 'stderr', 'wb') as log:
            self.process = subprocess.Popen(
                [sys.executable, '-c', START, str(commands), str(answers), PROGRAM, *OPTIONS,
                 f'--user-data-dir={folder}'],
                pass_fds=(commands, answers), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(commands)
        os.close(answers)
        self.number = 0
        self.buffer = b''
        self.complaints: list[str] = []
        self.requests: list[str] = []
        target = self.ask('Target.createTarget', url='about:blank')['targetId']
        self.session = ''
        self.session = self.ask('Target.attachToTarget', targetId=target,
                                flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Log', 'Network'):
            self.ask(domain + '.enable')

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.session = ''
        os.close(self.commands)             # the end of which ends it
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.answers)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command; what comes before it is noted."""
        self.number += 1
        message = {'id': self.number, 'method': method, 'params': parameters}
        if getattr(self, 'session', ''):
            message['sessionId'] = self.session
        data = json.dumps(message).encode() + b'\0'
        while data:
            data = data[os.write(self.commands, data):]
        while True:
            answer = self.next()
            if answer.get('id') == self.number:
                assert 'error' not in answer, answer
                return dict(answer['result'])

    def next(self) -> dict[str, Any]:
        """The next message; events are noted."""
        while b'\0' not in self.buffer:
            if not select.select([self.answers], [], [], SECONDS)[0]:
                raise TimeoutError(f'the browser says nothing for {SECONDS} s')
            data = os.read(self.answers, 1 << 16)
            assert data, 'the browser has ended'
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(b'\0')
        message = dict(json.loads(text))
        parameters = message.get('params', {})
        match message.get('method'):
            case 'Runtime.consoleAPICalled' | 'Runtime.exceptionThrown' | 'Log.entryAdded':
                self.complaints.append(json.dumps(parameters)[:500])
            case 'Network.requestWillBeSent':
                self.requests.append(parameters['request']['url'])
        return message

    def open(self, url: str) -> None:
        """Load a page to its end, a new one even where only the fragment differs."""
        self.ask('Page.navigate', url='about:blank')
        self.requests.clear()
        self.ask('Page.navigate', url=url)      # answered when it has taken the other's place
        self.eval('new Promise(done => document.readyState == "complete" ? done() : '
                  'addEventListener("load", () => done()))')
        # Keys before the first picture are lost.
        self.eval('new Promise(done => new PerformanceObserver(() => done()).observe('
                  '{type: "paint", buffered: true}))')

    def eval(self, text: str) -> Any:
        """The value of an expression, or of its promise."""
        result = self.ask('Runtime.evaluate', expression=text, returnByValue=True,
                          awaitPromise=True)
        assert 'exceptionDetails' not in result, result
        return result['result'].get('value')

    def press(self, key: str) -> None:
        """A key, down and up."""
        for kind in ('keyDown', 'keyUp'):
            self.ask('Input.dispatchKeyEvent', type=kind, key=key, code=key)

    def click(self, x: float, y: float) -> None:
        """The left button of the mouse."""
        for kind in ('mousePressed', 'mouseReleased'):
            self.ask('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left',
                     clickCount=1)

    def size(self, width: int, height: int) -> None:
        """The size of the window."""
        self.ask('Emulation.setDeviceMetricsOverride', width=width, height=height,
                 deviceScaleFactor=1, mobile=False)

    def picture(self) -> bytes:
        """A PNG of the window."""
        return base64.b64decode(self.ask('Page.captureScreenshot')['data'])
