"""Command line of the rig: start, ask, and end a real Home Assistant on a real broker."""

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

import instance
from client import Client

Json = dict[str, Any]

NAMES = {"broker": "mosquitto", "ha": "hass"}

RECORD = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* (?P<level>[A-Z]+) ")
OF_THE_RIG = re.compile(
    r"Skipping pip installation|aiohttp_fast_zlib|haffmpeg|img_util|zlib_ng|rig: loopback only"
)
"""What Home Assistant says of this set-up at every start."""
FAULTS_AT_INFO = re.compile(
    r"No matching payload found|device information always needs to include a name"
)
"""Faults of a publisher that it logs as mere information."""

DEVICE_KEYS = (
    *("id", "name", "manufacturer", "model", "model_id", "sw_version", "hw_version"),
    *("serial_number", "configuration_url", "area_id", "disabled_by", "identifiers"),
)


def _filled(fields: Json) -> Json:
    """Return the fields that say something."""
    return {key: value for key, value in fields.items() if value not in (None, [], {}, "")}


def _entity(entry: Json, state: Json | None) -> Json:
    """Return an entity as its user sees it: register and state in one."""
    attributes = dict(state["attributes"]) if state else {}
    capabilities = entry.get("capabilities") or {}
    device_class = entry["device_class"] or entry["original_device_class"]
    fields = {
        "entity_id": entry["entity_id"],
        "unique_id": entry["unique_id"],
        "name": entry["name"] or entry["original_name"],
        "device_class": device_class or attributes.get("device_class"),
        "state_class": attributes.get("state_class") or capabilities.get("state_class"),
        "unit": attributes.get("unit_of_measurement"),
        "entity_category": entry["entity_category"],
        "icon": entry["icon"] or entry["original_icon"],
        "disabled_by": entry["disabled_by"],
        "capabilities": capabilities,
        "attributes": attributes,
        "last_changed": state and state["last_changed"],
    }
    return _filled(fields) | {"state": state and state["state"]}


async def _devices(client: Client, patterns: list[str]) -> list[Json]:
    """Return the MQTT devices, or those of which a name or an identifier matches a pattern."""
    entries = await client.http("GET", "/api/config/config_entries/entry")
    mqtt = {entry["entry_id"] for entry in entries if entry["domain"] == "mqtt"}
    wanted = []
    for device in await client.ws("config/device_registry/list"):
        names = [device["name"] or "", *(identifier[-1] for identifier in device["identifiers"])]
        # Newer releases have one entry for a device, older ones several.
        of = device.get("config_entries") or [device.get("config_entry_id")]
        matches = any(re.search(pattern, name) for pattern in patterns for name in names)
        if matches if patterns else mqtt & set(of):
            wanted.append(device)
    registry = await client.ws("config/entity_registry/list")
    ids = {device["id"] for device in wanted}
    entities = [entry["entity_id"] for entry in registry if entry["device_id"] in ids]
    full = await client.ws("config/entity_registry/get_entries", entity_ids=entities)
    states = {state["entity_id"]: state for state in await client.http("GET", "/api/states")}
    return [
        _filled({key: device.get(key) for key in DEVICE_KEYS})
        | {
            "entities": [
                _entity(full[entity], states.get(entity))
                for entity in sorted(entities)
                if full[entity]["device_id"] == device["id"]
            ]
        }
        for device in sorted(wanted, key=lambda device: device["name"] or "")
    ]


def _is_met(condition: str, states: dict[str, str]) -> bool:
    """Return whether ENTITY exists, or its state matches in ENTITY=PATTERN."""
    entity, _, pattern = condition.partition("=")
    return entity in states and (not pattern or bool(re.fullmatch(pattern, states[entity])))


async def show_states(options: argparse.Namespace) -> None:
    """Wait for conditions, then print devices with their entities."""
    async with instance.conversation(instance.load(options.state)) as client:
        deadline = time.monotonic() + options.timeout
        missing = options.wait
        while missing:
            now = {s["entity_id"]: s["state"] for s in await client.http("GET", "/api/states")}
            missing = [condition for condition in options.wait if not _is_met(condition, now)]
            if missing and time.monotonic() > deadline:
                break
            await asyncio.sleep(0.1 if missing else 0)
        print(json.dumps(await _devices(client, options.device), indent=1))
    if missing:
        raise RuntimeError(f"not within {options.timeout:g} s: {', '.join(missing)}")


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


async def call_service(options: argparse.Namespace) -> None:
    """Call a service and print the states that it changed."""
    domain, _, service = options.service.partition(".")
    pairs = (pair.partition("=") for pair in options.data)
    data = {key: _decoded(value) for key, _, value in pairs}
    if options.entity:
        data["entity_id"] = options.entity
    async with instance.conversation(instance.load(options.state)) as client:
        changed = await client.http("POST", f"/api/services/{domain}/{service}", data)
    print(json.dumps(changed, indent=1))


async def call_api(options: argparse.Namespace) -> None:
    """Send one request or websocket command and print the answer."""
    body = json.loads(options.body) if options.body else None
    async with instance.conversation(instance.load(options.state)) as client:
        if options.method == "WS":
            answer = await client.ws(options.path, **(body or {}))
        else:
            answer = await client.http(options.method, options.path, body)
    print(answer if isinstance(answer, str) else json.dumps(answer, indent=1))


def _problems(log: Path) -> list[str]:
    """Return the warnings and errors of the log, each with the lines that belong to it."""
    found: list[list[str]] = []
    record: list[str] = []
    for line in log.read_text(errors="replace").splitlines():
        if head := RECORD.match(line):
            record = [line]
            bad = head["level"] in ("WARNING", "ERROR", "CRITICAL") or FAULTS_AT_INFO.search(line)
            if bad and not OF_THE_RIG.search(line):
                found.append(record)
        else:
            record.append(line)
    return ["\n".join(lines) for lines in found]


def show_problems(options: argparse.Namespace) -> int:
    """Print the problems, or their number; return the exit status."""
    problems = _problems(Path(instance.load(options.state)["run"]) / "hass.log")
    if options.count:
        print(len(problems))
        return 0
    later = problems[options.since :]
    for problem in later:
        print(problem)
    return 1 if later else 0


async def _page(client: Client, what: str) -> str:
    """Return the path of a page: as it is, or of a device by its name or identifier."""
    if what.startswith("/"):
        return what
    kind, _, wanted = what.partition(":")
    if kind != "device":
        raise RuntimeError(f"{what} is no page: /path or device:NAME")
    for device in await client.ws("config/device_registry/list"):
        names = [device["name"], *(identifier[-1] for identifier in device["identifiers"])]
        if wanted in names:
            return f"/config/devices/device/{device['id']}"
    raise RuntimeError(f"there is no device {wanted}")


async def take_picture(options: argparse.Namespace) -> None:
    """Take a picture of a page, logged in."""
    state = instance.load(options.state)
    async with instance.conversation(state) as client:
        path = await _page(client, options.page)
    profile = tempfile.mkdtemp(prefix="unsit-rig-browser-")
    job = {
        "modules": str(Path(sys.prefix).parent / "node"),
        "url": state["url"],
        "token": state["token"],
        "path": path,
        "file": str(options.file.absolute()),
        "profile": profile,
        "width": options.width,
        "height": options.height,
        "dark": options.dark,
        "timeZone": state["time_zone"],
        "language": state["language"],
        "wait": options.wait,
        "settle": options.settle,
    }
    program = Path(__file__).with_name("shot.mjs")
    try:
        subprocess.run(
            ["node", str(program)], input=json.dumps(job), text=True, timeout=180, check=True
        )
    except subprocess.CalledProcessError:
        raise RuntimeError(f"there is no picture of {options.page}") from None
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def restart(options: argparse.Namespace) -> None:
    """Stop the broker or Home Assistant, start it again, or only one of the two."""
    name = NAMES[options.what]
    if options.half != "start":
        instance.stop_one(options.state, name, options.crash)
    if options.half is None:
        time.sleep(options.gap)
    if options.half != "stop":
        instance.start_one(options.state, name)


def up(options: argparse.Namespace) -> None:
    """Start everything and print the state file."""
    print(json.dumps(instance.up(options.state, options.language, options.time_zone), indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ha", description=__doc__)
    parser.add_argument(
        "--state",
        type=Path,
        default=os.environ.get("HA_STATE", "/tmp/ha-state.json"),  # noqa: S108  # of a user's own
        help="state file (default: $HA_STATE, else /tmp/ha-state.json)",
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, run: Any, description: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=description, description=description)
        added.set_defaults(run=run)
        return added

    added = command("up", up, "start mosquitto and Home Assistant; print the state file")
    added.add_argument("--language", default="en")
    added.add_argument("--time-zone", default="Europe/Berlin")

    added = command(
        "down",
        lambda options: instance.down(options.state, options.keep),
        "end what up started, and nothing else",
    )
    added.add_argument("--keep", action="store_true", help="keep the run folder")

    added = command("restart", restart, "stop the broker or Home Assistant, and start it again")
    added.add_argument("what", choices=NAMES)
    added.add_argument("--gap", type=float, default=1.0, help="seconds in between (default 1)")
    added.add_argument("--crash", action="store_true", help="stop it with SIGKILL")
    added.add_argument("--half", choices=["stop", "start"], help="only stop, or only start")

    added = command("states", show_states, "print the MQTT devices with their entities")
    added.add_argument("device", nargs="*", help="pattern for a device's name or identifier")
    added.add_argument(
        "--wait", action="append", default=[], metavar="ENTITY[=PATTERN]", help="wait for a state"
    )
    added.add_argument("--timeout", type=float, default=10.0, help="of --wait, in s (default 10)")

    added = command("call", call_service, "call a service: number.set_value number.x value=5")
    added.add_argument("service")
    added.add_argument("entity", nargs="?")
    added.add_argument("data", nargs="*", metavar="KEY=VALUE")

    added = command(
        "api", call_api, "raw request: GET /api/states, or WS config/device_registry/list"
    )
    added.add_argument("method")
    added.add_argument("path")
    added.add_argument("body", nargs="?", help="JSON")

    added = command(
        "problems", show_problems, "print Home Assistant's warnings and errors; exit 1 if any"
    )
    added.add_argument("--since", type=int, default=0, metavar="N", help="leave out the first N")
    added.add_argument("--count", action="store_true", help="print only how many, for --since")

    added = command("shot", take_picture, "take a picture of a page, logged in")
    added.add_argument("page", help="/path or device:NAME")
    added.add_argument("file", type=Path, help="PNG")
    added.add_argument("--width", type=int, default=1280)
    added.add_argument("--height", type=int, default=1000)
    added.add_argument("--dark", action="store_true")
    added.add_argument("--wait", action="append", default=[], help="text to wait for")
    added.add_argument("--settle", type=float, default=1.0, help="seconds before it (default 1)")
    return parser


def main() -> int:
    """Run the command; return the exit status."""
    options = _parser().parse_args()
    try:
        done = options.run(options)
        status = asyncio.run(done) if asyncio.iscoroutine(done) else done
    except (RuntimeError, OSError, aiohttp.ClientError) as why:
        print(f"ha {options.command}: {why}", file=sys.stderr)
        return 1
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
