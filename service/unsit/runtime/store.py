"""The store: what the service must still know after a restart, as small JSON documents."""

import json
from typing import Any

from unsit.errors import UnavailableError
from unsit.runtime.statefile import StateFile

# In its place, so that it costs one page and not the index too.
_PUT = """
insert into documents values (?, ?) on conflict (name) do update set content = excluded.content
"""


class Store:
    """Documents by name, in a state file."""

    def __init__(self, file: StateFile | None = None) -> None:
        self.file = file or StateFile()

    def get(self, name: str) -> Any:
        """A document, None where there is none. Raises UnavailableError for one that is no JSON."""
        rows = self.file.rows("select content from documents where name = ?", name)
        try:
            return json.loads(rows[0][0]) if rows else None
        except ValueError as error:
            raise UnavailableError(f"the document {name} cannot be read: {error}") from error

    def put(self, name: str, content: Any, *, lasting: bool = True) -> None:
        """Keeps a document in place of the one of that name. None takes it away.

        lasting: see ``StateFile.write``.
        """
        if content is None:
            statement = ("delete from documents where name = ?", (name,))
            self.file.write(statement, lasting=lasting)
        else:
            row = (name, json.dumps(content))
            self.file.write((_PUT, row), lasting=lasting)

    def close(self) -> None:
        """Ends the use of the file."""
        self.file.close()
