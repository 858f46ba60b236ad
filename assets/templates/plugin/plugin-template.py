"""What it does, in one line."""

import json

# What it may see of the environment goes here: {"env": ["CRM_TOKEN"]}.
PLUGIN = {}


def handle_my_plugin(query: str) -> str:
    """What it does, in one line.

    Args:
        query: what to look for
    """
    # Your work begins here. For input that makes no sense, say so.
    if not query.strip():
        return json.dumps({"ok": False, "error": "Give a query."})
    return json.dumps({"ok": True, "query": query})


TOOLS = [
    (handle_my_plugin, "nexo_my_plugin", "What it does, in one line"),
]
