"""Loads one plugin module and calls its tools, in a process of its own, from Python 3.8 on.

Nexo starts it and speaks to it on descriptor 3, in frames: four bytes of length, most significant first, then JSON.
Standard output belongs to the plugin.
"""

import asyncio
import importlib.util
import inspect
import json
import os
import re
import struct
import sys
import traceback
import typing

CHANNEL = 3


def main():
    path, max_bytes, max_memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    # Programs that the plugin starts have no business with it.
    os.set_inheritable(CHANNEL, False)
    limit_memory(max_memory)
    try:
        handlers, ready = load(path)
    except BaseException as error:
        send({"kind": "failed", "message": message_of(error), "detail": traceback.format_exc()[-4000:]})
        sys.exit(1)
    send(ready)
    while True:
        message = receive()
        if message is None:
            # Nexo is gone, or wants us gone. Threads of the plugin must not keep us.
            os._exit(0)
        if message["kind"] == "call":
            answer(handlers, message, max_bytes)


def limit_memory(max_memory):
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (max_memory, max_memory))
    except (ImportError, ValueError, OSError):
        pass  # not every system has it; Nexo watches from outside too


def load(path):
    sys.path.insert(0, os.path.dirname(path))
    # The name of the file need not be one that Python could import.
    spec = importlib.util.spec_from_file_location("nexo_plugin_module", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    handlers = {}
    tools = []
    listed = getattr(module, "TOOLS", [])
    if not isinstance(listed, (list, tuple)):
        raise TypeError("TOOLS has to be a list")
    for index, entry in enumerate(listed):
        if not isinstance(entry, (list, tuple)) or len(entry) != 3:
            raise TypeError("TOOLS entry %d is not (function, name, description)" % (index + 1))
        handler, name, description = entry
        if not callable(handler):
            raise TypeError("tool %d (%s) has no function" % (index + 1, name))
        if name in handlers:
            raise TypeError("two tools are called %s" % name)
        handlers[name] = handler
        tools.append({"name": name, "description": description, "inputSchema": input_schema(handler)})
    return handlers, {"kind": "ready", "tools": tools, "plugin": getattr(module, "PLUGIN", {})}


def answer(handlers, message, max_bytes):
    reply = {"kind": "error", "id": message["id"]}
    try:
        handler = handlers.get(message["tool"])
        if handler is None:
            raise LookupError("there is no tool %s any more" % message["tool"])
        value = handler(**message["input"])
        if inspect.isawaitable(value):
            value = asyncio.run(wait_for(value))
        if isinstance(value, str) and len(value) > max_bytes:
            reply = {"kind": "too-large", "id": message["id"], "bytes": len(value)}
        else:
            body = json.dumps({"kind": "result", "id": message["id"], "value": value}, allow_nan=False).encode()
            if len(body) <= max_bytes:
                return send_bytes(body)
            reply = {"kind": "too-large", "id": message["id"], "bytes": len(body)}
    except MemoryError:
        value = body = None
        reply["message"] = "it needs more memory than it may use"
        reply["memory"] = True
    except SystemExit as error:
        reply["message"] = "it asked to exit (%s)" % (error.code,)
    except BaseException as error:
        reply["message"] = message_of(error)
    return send(reply)


async def wait_for(value):
    return await value


def message_of(error):
    return (str(error) or type(error).__name__)[:2000]


def input_schema(handler):
    """What the function's parameters, their types and its docstring say about its input."""
    try:
        hints = typing.get_type_hints(handler)
    except Exception:
        hints = dict(getattr(handler, "__annotations__", {}))
    about = argument_docs(inspect.getdoc(handler) or "")
    properties = {}
    required = []
    is_open = False
    for name, parameter in inspect.signature(handler).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            is_open = True
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise TypeError("%s: the parameter %s cannot be given by name" % (handler.__name__, name))
        schema = type_schema(hints.get(name, typing.Any))
        if name in about:
            schema["description"] = about[name]
        if parameter.default is parameter.empty:
            required.append(name)
        elif is_plain(parameter.default):
            schema["default"] = parameter.default
        properties[name] = schema
    schema = {"type": "object", "properties": properties, "required": required}
    if not is_open:
        schema["additionalProperties"] = False
    return schema


PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


def type_schema(hint):
    if hint in PLAIN:
        return {"type": PLAIN[hint]}
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or type(hint).__name__ == "UnionType":
        return {"anyOf": [type_schema(each) for each in args]}
    if origin is typing.Literal:
        return {"enum": list(args)}
    if hint in (list, tuple, set) or origin in (list, tuple, set, frozenset):
        inner = [each for each in args if each is not Ellipsis]
        return {"type": "array", "items": type_schema(inner[0])} if len(inner) == 1 else {"type": "array"}
    if hint is dict or origin is dict:
        values = type_schema(args[1]) if len(args) == 2 else {}
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    return {}


def is_plain(value):
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def argument_docs(doc):
    """The lines below `Args:` as name → text; a line that is indented deeper goes on with the one before."""
    found = {}
    name = None
    inside = False
    for line in doc.splitlines():
        if re.match(r"^\s*(Args|Arguments|Parameters):\s*$", line):
            inside = True
        elif inside and line.strip() == "":
            continue
        elif inside and not line.startswith(" "):
            inside = False
        elif inside:
            match = re.match(r"^\s{1,8}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$", line)
            if match:
                name = match.group(1)
                found[name] = match.group(2).strip()
            elif name is not None:
                found[name] = (found[name] + " " + line.strip()).strip()
    return found


def receive():
    head = read_exactly(4)
    if head is None:
        return None
    body = read_exactly(struct.unpack(">I", head)[0])
    return None if body is None else json.loads(body.decode())


def read_exactly(size):
    parts = []
    while size > 0:
        part = os.read(CHANNEL, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def send(message):
    send_bytes(json.dumps(message, default=str).encode())


def send_bytes(body):
    view = memoryview(struct.pack(">I", len(body)) + body)
    while len(view) > 0:
        view = view[os.write(CHANNEL, view) :]


if __name__ == "__main__":
    main()
