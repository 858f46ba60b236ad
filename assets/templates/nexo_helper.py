"""What a personal script may use of Nexo, from Python 3.8 on.

Everything goes through the `nexo` program. Nothing here imports its insides, opens its database or names a model, so
scripts keep working when Nexo is updated.
"""

import datetime
import json
import os
import shutil
import subprocess
import sys

__all__ = [
    "NexoError",
    "run_nexo",
    "call_tool",
    "call_tool_text",
    "call_tool_json",
    "run_automation_text",
    "run_automation_json",
    "extract_json",
    "only_on_day_of_month",
]

DEFAULT_ALLOWED_TOOLS = "Read,Write,Edit,Glob,Grep,Bash,mcp__nexo__*"
# A model may think for a while: three hours, in seconds.
DEFAULT_AUTOMATION_TIMEOUT = 10800


class NexoError(RuntimeError):
    """A call of Nexo that did not work; the message is what Nexo said."""

    def __init__(self, message, returncode=None):
        super().__init__(message)
        self.returncode = returncode


def run_nexo(args, input=None, timeout=None, cwd=None):
    """Runs `nexo ARGS…` and returns what it prints. Raises NexoError when it fails or takes too long."""
    return _run(list(args), input=input, timeout=timeout or _helper_timeout(), cwd=cwd)


def call_tool(name, payload=None):
    """Calls one of Nexo's tools and returns its answer as text."""
    return call_tool_text(name, payload)


def call_tool_text(name, payload=None):
    return run_nexo(_call_words(name, payload))


def call_tool_json(name, payload=None):
    """Calls one of Nexo's tools and returns its answer as a dict."""
    return json.loads(run_nexo(_call_words(name, payload) + ["--json-output"]))


def run_automation_text(
    prompt,
    model="",
    reasoning_effort="",
    cwd="",
    timeout=None,
    allowed_tools=DEFAULT_ALLOWED_TOOLS,
    append_system_prompt="",
    caller="",
    tier="",
    backend="",
):
    """Has an agent answer a prompt and returns the text.

    `caller` is personal/<script>, and that by itself in a script that Nexo runs; `tier` says how hard to think
    (maximo, alto, medio, bajo). Leave `model` empty: your settings decide.
    """
    return _run_automation(
        prompt, "text", model, reasoning_effort, cwd, timeout, allowed_tools, append_system_prompt, caller, tier, backend
    )


def run_automation_json(
    prompt,
    model="",
    reasoning_effort="",
    cwd="",
    timeout=None,
    allowed_tools=DEFAULT_ALLOWED_TOOLS,
    append_system_prompt="",
    caller="",
    tier="",
    backend="",
):
    """As run_automation_text, and returns the one JSON object that the answer holds."""
    return extract_json(
        _run_automation(
            prompt, "json", model, reasoning_effort, cwd, timeout, allowed_tools, append_system_prompt, caller, tier, backend
        )
    )


def extract_json(text):
    """The JSON object in a model's answer: alone, in a code fence, or with words around it. Raises ValueError."""
    body = _without_fence(text.strip())
    if body == "":
        raise ValueError("The answer is empty.")
    try:
        value = json.loads(body)
    except ValueError:
        return _first_object(body)
    if not isinstance(value, dict):
        raise ValueError("The answer is JSON, but no object.")
    return value


def only_on_day_of_month(day, force=False, today=None):
    """Ends the script with exit code 0, saying that it is skipped, unless it is that day of the month or forced.

    In a month that is shorter, its last day counts. For schedules that run daily and are to do their work monthly.
    """
    if not 1 <= day <= 31:
        raise ValueError("day is from 1 to 31, not %r" % (day,))
    today = today or datetime.date.today()
    last = ((today.replace(day=28) + datetime.timedelta(days=4)).replace(day=1) - datetime.timedelta(days=1)).day
    if force or today.day == min(day, last):
        return
    print("skipped: today is day %d, and this runs on day %d of the month" % (today.day, min(day, last)))
    sys.exit(0)


def _run_automation(prompt, form, model, effort, cwd, timeout, allowed_tools, system, caller, tier, backend):
    seconds = timeout or DEFAULT_AUTOMATION_TIMEOUT
    flags = {
        "--caller": caller or _own_caller(),
        "--tier": tier,
        "--backend": backend,
        "--model": model,
        "--reasoning-effort": effort,
        "--cwd": cwd,
        "--timeout": str(seconds),
        "--allowed-tools": allowed_tools,
        "--append-system-prompt": system,
        "--output-format": form,
    }
    words = [word for name, value in flags.items() if value for word in (name, value)]
    # The run ends itself at its time limit and says so; we wait a little longer than that.
    return _run(["run"] + words, input=prompt, timeout=seconds + 30, cwd=None)


def _own_caller():
    name = os.environ.get("NEXO_SCRIPT_NAME", "")
    return "personal/" + name if name else ""


def _call_words(name, payload):
    return ["scripts", "call", name, "--input", json.dumps({} if payload is None else payload)]


def _run(args, input, timeout, cwd):
    command = _nexo_command() + args
    try:
        ran = subprocess.run(
            command,
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=timeout,
            cwd=cwd,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        raise NexoError("nexo %s did not end within %s seconds" % (args[0] if args else "", timeout)) from None
    except OSError as error:
        raise NexoError("nexo cannot be started (%s): %s" % (command[0], error.strerror or error)) from None
    if ran.returncode != 0:
        said = ran.stderr.strip() or ran.stdout.strip() or "it ended with exit code %d" % ran.returncode
        raise NexoError(said, ran.returncode)
    return ran.stdout


def _helper_timeout():
    try:
        return max(15, int(os.environ.get("NEXO_HELPER_TIMEOUT", "90")))
    except ValueError:
        return 90


def _nexo_command():
    named = os.environ.get("NEXO_BIN", "")
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    home = os.environ.get("NEXO_HOME") or os.path.expanduser("~/.nexo")
    candidates = [
        named,
        os.path.join(home, "bin", "nexo"),
        os.path.expanduser("~/.local/bin/nexo"),
        os.path.expanduser("~/bin/nexo"),
        shutil.which("nexo") or "",
        os.path.join(here, "dist", "main.js"),
    ]
    found = next((path for path in candidates if path and os.path.isfile(path)), named or "nexo")
    if found.endswith((".js", ".mjs")):
        return [os.environ.get("NEXO_NODE") or shutil.which("node") or "node", found]
    return [found]


def _without_fence(text):
    if not text.startswith("```"):
        return text
    lines = text.split("\n")
    if len(lines) < 2 or lines[-1].strip() != "```":
        return text
    return "\n".join(lines[1:-1]).strip()


def _first_object(text):
    at = text.find("{")
    if at == -1:
        raise ValueError("The answer holds no JSON object: " + _short(text))
    while at != -1:
        # A brace in a sentence opens nothing; an object begins with a name or ends at once.
        if text[at + 1 : at + 200].lstrip()[:1] not in ('"', "}"):
            at = text.find("{", at + 1)
            continue
        end = _end_of_object(text, at)
        if end is None:
            raise ValueError("The answer's JSON object has no end: " + _short(text[at:]))
        try:
            return json.loads(text[at:end])
        except ValueError:
            at = text.find("{", end)
    raise ValueError("The answer holds nothing that can be read as a JSON object: " + _short(text))


def _end_of_object(text, start):
    depth, in_string, escaped = 0, False, False
    for at in range(start, len(text)):
        sign = text[at]
        if in_string:
            if escaped:
                escaped = False
            elif sign == "\\":
                escaped = True
            elif sign == '"':
                in_string = False
        elif sign == '"':
            in_string = True
        elif sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                return at + 1
    return None


def _short(text):
    return repr(text[:80])
