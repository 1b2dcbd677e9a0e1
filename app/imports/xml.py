"""XML without surprises: no DTD, no entity, bounded depth and size; each node knows its line."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from xml.parsers import expat

from app.imports.statement import FileRefused

MOST_DEPTH = 60
MOST_NODES = 2_000_000


class Node:
    """One element: its name without namespace, attributes, children, and text."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Node] = []
        self.text = ""
        self.line = line

    def all(self, name: str) -> Iterator[Node]:
        """Direct children of this name."""
        return (child for child in self.children if child.name == name)

    def one(self, *path: str) -> Node | None:
        """The first node down this path."""
        node: Node | None = self
        for name in path:
            if node is None:
                return None
            node = next(node.all(name), None)
        return node

    def say(self, *path: str) -> str:
        """The text of the first node down this path, empty when there is none."""
        node = self.one(*path)
        return node.text.strip() if node is not None else ""

    def deep(self, name: str) -> Iterator[Node]:
        """Every node of this name below, in order."""
        for child in self.children:
            if child.name == name:
                yield child
            else:
                yield from child.deep(name)


def parse(data: bytes) -> Node:
    """The root of a document. Raises FileRefused: broken, or with a DTD or entities."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    top = Node("", {}, 0)
    stack = [top]
    count = 0

    def forbidden(*_: object) -> None:
        raise FileRefused("xml_forbidden")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > MOST_DEPTH or count > MOST_NODES:
            raise FileRefused("xml_forbidden")
        node = Node(name.rpartition("}")[2], attributes, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_name: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text += data

    parser.StartDoctypeDeclHandler = forbidden
    parser.EntityDeclHandler = forbidden
    parser.UnparsedEntityDeclHandler = forbidden
    parser.ExternalEntityRefHandler = forbidden
    parser.SkippedEntityHandler = forbidden
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    # The tree holds no cycle, and the collector would walk it again and again as it grows.
    collects = gc.isenabled()
    gc.disable()
    try:
        parser.Parse(data, True)
    except FileRefused:
        raise
    except expat.ExpatError as error:
        raise FileRefused("xml_broken", error.lineno) from None
    except (ValueError, LookupError):
        raise FileRefused("encoding") from None
    finally:
        if collects:
            gc.enable()
    return top.children[0]
