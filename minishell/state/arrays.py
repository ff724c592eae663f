"""Values of variables that are no texts: bash's arrays, indexed and associative, and name
references.

An array is shared by the copies of a subshell environment until one of them changes it
(`own_array`), so nothing here is changed but through `state/elements.py`.
"""
from __future__ import annotations

from minishell.codec import encoded

BUCKETS = 1024                  # of a new hash table in bash
FULL = 2                        # entries a bucket from which on it grows ...
GROWTH = 4                      # ... by this factor


class IndexedArray:
    """Texts by number from 0 on; an index that has no element costs nothing."""

    __slots__ = ('_elements', '_sorted')

    def __init__(self, texts: list[str] | None = None) -> None:
        self._elements: dict[int, str] = dict(enumerate(texts)) if texts else {}
        self._sorted = True     # whether the indices are in order, as most often they are

    def __len__(self) -> int:
        return len(self._elements)

    def get(self, index: int) -> str | None:
        """The element; None if there is none."""
        return self._elements.get(index)

    def set(self, index: int, text: str) -> None:
        """Put an element in."""
        elements = self._elements
        if self._sorted and index not in elements and elements \
                and index < next(reversed(elements)):
            self._sorted = False
        elements[index] = text

    def remove(self, index: int) -> None:
        """Take an element out, if it is there."""
        self._elements.pop(index, None)

    def end(self) -> int:
        """One more than the greatest index: where `+=` goes on, and -1 counts back from."""
        elements = self._in_order()
        return next(reversed(elements)) + 1 if elements else 0

    def extend(self, texts: list[str]) -> None:
        """Put elements behind the last."""
        end = self.end()
        self._elements.update(enumerate(texts, end))

    def keys(self) -> list[int]:
        """The indices in order."""
        return list(self._in_order())

    def texts(self) -> list[str]:
        """The elements in the order of their indices."""
        return list(self._in_order().values())

    def items(self) -> list[tuple[int, str]]:
        """Indices and elements in order."""
        return list(self._in_order().items())

    def copy(self) -> IndexedArray:
        """Another array with the same elements."""
        other = IndexedArray()
        other._elements = self._elements.copy()
        other._sorted = self._sorted
        return other

    def _in_order(self) -> dict[int, str]:
        if not self._sorted:
            self._elements = dict(sorted(self._elements.items()))
            self._sorted = True
        return self._elements


class AssociativeArray:
    """Texts by text, in the order in which bash's hash table would give them: scripts, and
    what they are compared with, have seen that one."""

    __slots__ = ('_elements', '_keys', 'put')

    def __init__(self) -> None:
        # what takes elements, too, where the array shows a table of the shell
        self.put: Callable[[str, str], None] | None = None
        self._elements: dict[str, str] = {}
        self._keys: list[str] | None = None     # in order, as long as none is new or gone

    def __len__(self) -> int:
        return len(self._elements)

    def get(self, key: str) -> str | None:
        """The element; None if there is none."""
        return self._elements.get(key)

    def set(self, key: str, text: str) -> None:
        """Put an element in."""
        if key not in self._elements:
            self._keys = None
        self._elements[key] = text
        if self.put is not None:
            self.put(key, text)

    def order(self, size: int) -> None:
        """Have the keys, of which none will be new, in the order of a table of another size."""
        self._keys = in_buckets(list(self._elements), size)

    def remove(self, key: str) -> None:
        """Take an element out, if it is there."""
        if self._elements.pop(key, None) is not None:
            self._keys = None

    def keys(self) -> list[str]:
        """The keys in bash's order."""
        if self._keys is None:
            self._keys = in_buckets(list(self._elements))
        return self._keys

    def texts(self) -> list[str]:
        """The elements in the order of their keys."""
        elements = self._elements
        return [elements[key] for key in self.keys()]

    def items(self) -> list[tuple[str, str]]:
        """Keys and elements in order."""
        elements = self._elements
        return [(key, elements[key]) for key in self.keys()]

    def copy(self) -> AssociativeArray:
        """Another array with the same elements."""
        other = AssociativeArray()
        other._elements = self._elements.copy()
        other._keys = self._keys
        return other


class Reference:
    """The value of a name reference: the variable or the element that it stands for."""

    __slots__ = ('target',)

    def __init__(self, target: str) -> None:
        self.target = target

    def copy(self) -> Reference:
        """The same, which never changes."""
        return self


def in_buckets(keys: list[str], size: int = BUCKETS) -> list[str]:
    """Keys, given in the order in which they came, in that of bash's hash table of a size: by
    bucket, the newest of a bucket first."""
    hashes = [hash_of(key) for key in keys]
    count = len(keys)
    table: dict[int, list[int]] = {}            # by bucket, the newest last
    for index in range(count):
        if index >= size * FULL:
            size *= GROWTH
            old, table = table, {}
            for bucket in sorted(old):
                for moved in reversed(old[bucket]):     # each goes in front of the others
                    table.setdefault(hashes[moved] & size - 1, []).append(moved)
        table.setdefault(hashes[index] & size - 1, []).append(index)
    return [keys[index] for bucket in sorted(table) for index in reversed(table[bucket])]


def hash_of(key: str) -> int:
    """The hash of a key in bash: 32 bits, FNV-1, of bytes with a sign."""
    number = 2166136261
    for byte in encoded(key):
        number = number * 16777619 & 0xFFFFFFFF ^ (byte if byte < 128 else byte | 0xFFFFFF00)
    return number


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    Array = IndexedArray | AssociativeArray
    Key = TypeVar('Key', contravariant=True)

    class Elements(Protocol[Key]):
        """What both kinds of arrays do with one element."""

        def get(self, key: Key, /) -> str | None:
            """The element; None if there is none."""

        def set(self, key: Key, text: str, /) -> None:
            """Put an element in."""
