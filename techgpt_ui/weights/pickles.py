"""Reading a pickle without running anything that it holds: its opcodes are followed, its calls are written down."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from typing import IO, Any, cast

PICKLE_LIMIT = 100_000_000
"""Bytes; tables of tensors are far smaller, and what claims more is not believed."""
LINE_LIMIT = 65_536


class Call:
    """A call that unpickling would make; ``items`` are what would be put into its result."""

    def __init__(self, name: str, arguments: Any) -> None:
        self.name = name
        self.arguments: tuple[Any, ...] = arguments if isinstance(arguments, tuple) else ()
        self.items: list[Any] = []


class Table:
    """A dictionary, as its pairs."""

    def __init__(self) -> None:
        self.items: list[Any] = []


class Name(str):
    """The name of a function or class that unpickling would look up."""

    __slots__ = ()


class Stored(tuple[Any, ...]):
    """What refers to bytes outside the pickle."""

    __slots__ = ()


class _Mark:
    pass


def bounded(source: IO[bytes]) -> IO[bytes]:
    """A stream for pickletools that reads no more than a table of tensors needs, however much a pickle asks for."""
    return cast("IO[bytes]", _Bounded(source))


class _Bounded:
    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.tell = source.tell

    def read(self, count: int) -> bytes:
        """At most so many bytes; ValueError for an absurd number."""
        if not 0 <= count <= PICKLE_LIMIT:
            raise ValueError(f"a pickle asks for {count} bytes")
        return self._source.read(count)

    def readline(self) -> bytes:
        """A line, cut where it is too long to be one."""
        return self._source.readline(LINE_LIMIT)


def follow(source: IO[bytes]) -> tuple[Any, list[str]]:
    """The object of the pickle that begins here, with calls in the place of their results, and all names in it.

    Leaves the stream behind the pickle. Raises ValueError for what is no whole pickle.
    """
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(bounded(source)):
            if opcode.name == "STOP":
                return machine.stack.pop(), machine.names
            machine.step(opcode.name, argument)
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("not a whole pickle") from error
    raise ValueError("not a whole pickle")


class _Machine:
    """The stack and the memo of an unpickler that calls nothing."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.names: list[str] = []
        self._memo: dict[int, Any] = {}

    def step(self, opcode: str, argument: Any) -> None:
        """Follow one opcode; ValueError for one that no table of tensors needs."""
        if opcode in _NOTHING:
            return
        if opcode in _PLAIN:
            self.stack.append(_PLAIN[opcode])
        elif opcode in _FRESH:
            self.stack.append(_FRESH[opcode]())
        elif opcode in _CARRIED:
            self.stack.append(argument)
        else:
            move = getattr(self, f"_{opcode.lower()}", None)
            if move is None:
                raise ValueError(f"the opcode {opcode} in a pickle")
            move(argument)

    def _name(self, words: str) -> Name:
        self.names.append(words)
        return Name(words)

    def _to_mark(self) -> list[Any]:
        found = []
        while not isinstance(item := self.stack.pop(), _Mark):
            found.append(item)
        return found[::-1]

    def _call(self, function: Any, arguments: Any) -> None:
        self.stack.append(Call(str(function) if isinstance(function, Name) else "?", arguments))

    def _pop(self, _: Any) -> None:
        self.stack.pop()

    def _pop_mark(self, _: Any) -> None:
        self._to_mark()

    def _dup(self, _: Any) -> None:
        self.stack.append(self.stack[-1])

    def _tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._to_mark()))

    def _tuple1(self, _: Any) -> None:
        self._last(1)

    def _tuple2(self, _: Any) -> None:
        self._last(2)

    def _tuple3(self, _: Any) -> None:
        self._last(3)

    def _last(self, count: int) -> None:
        if len(self.stack) < count:
            raise IndexError
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def _list(self, _: Any) -> None:
        self.stack.append(self._to_mark())

    def _dict(self, _: Any) -> None:
        table = Table()
        table.items += _pairs(self._to_mark())
        self.stack.append(table)

    def _append(self, _: Any) -> None:
        item = self.stack.pop()
        _items(self.stack[-1]).append(item)

    def _appends(self, _: Any) -> None:
        items = self._to_mark()
        _items(self.stack[-1]).extend(items)

    _additems = _appends

    def _frozenset(self, _: Any) -> None:
        self.stack.append(self._to_mark())

    def _setitem(self, _: Any) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        _items(self.stack[-1]).append((key, value))

    def _setitems(self, _: Any) -> None:
        pairs = list(_pairs(self._to_mark()))
        _items(self.stack[-1]).extend(pairs)

    def _memoize(self, _: Any) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def _put(self, index: int) -> None:
        self._memo[index] = self.stack[-1]

    _binput = _long_binput = _put

    def _get(self, index: int) -> None:
        self.stack.append(self._memo[index])

    _binget = _long_binget = _get

    def _global(self, words: str) -> None:
        self.stack.append(self._name(words.replace(" ", ".", 1)))

    def _stack_global(self, _: Any) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(self._name(f"{module}.{name}"))

    def _inst(self, words: str) -> None:
        self._call(self._name(words.replace(" ", ".", 1)), tuple(self._to_mark()))

    def _obj(self, _: Any) -> None:
        function, *arguments = self._to_mark()
        self._call(function, tuple(arguments))

    def _reduce(self, _: Any) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        self._call(function, arguments)

    _newobj = _reduce

    def _newobj_ex(self, _: Any) -> None:
        self.stack.pop()
        self._reduce(None)

    def _build(self, _: Any) -> None:
        self.stack.pop()  # attributes, such as the version of a module

    def _persid(self, words: str) -> None:
        self.stack.append(Stored((words,)))

    def _binpersid(self, _: Any) -> None:
        found = self.stack.pop()
        self.stack.append(Stored(found if isinstance(found, tuple) else (found,)))


def _items(holder: Any) -> list[Any]:
    return holder if isinstance(holder, list) else holder.items


def _pairs(flat: list[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(flat[::2], flat[1::2], strict=True)


_NOTHING = {"PROTO", "FRAME"}
_PLAIN = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_FRESH = {"MARK": _Mark, "EMPTY_LIST": list, "EMPTY_DICT": Table, "EMPTY_SET": list}
_CARRIED = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8",
}  # fmt: skip
