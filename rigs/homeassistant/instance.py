"""One Home Assistant with its broker: configuration, start, onboarding, restart and end.

Everything that the other commands need to know is in the state file, which holds a token and is
readable by its owner only.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import processes
from client import Client, wait_until
from processes import LOOPBACK, Process, end, free_port, is_running, wait_for_port

START_TIMEOUT_S = 180.0
"""A first start makes a database and compiles; on a busy machine that takes minutes."""

OWNER = "rig"
PASSWORD = "rig-only"  # noqa: S105  # on the loopback, for as long as a test runs
BIRTH_TOPIC = "homeassistant/status"

# No default_config, which would set up integrations that look for the outside.
CONFIGURATION = """\
homeassistant:
  name: Rig
  latitude: 52.52
  longitude: 13.4
  elevation: 34
  unit_system: metric
  time_zone: {time_zone}
  country: DE
  currency: EUR
  language: {language}
api:
websocket_api:
config:
frontend:
recorder:
  commit_interval: 1
history:
logbook:
logger:
  default: warning
  logs:
    homeassistant.components.mqtt: info
"""

HTTP = f"""\
http:
  server_host: {LOOPBACK}
  server_port: {{port}}
"""

# Every step but the first counts as done: the others set up integrations that ask the outside.
ONBOARDING = {
    "version": 4,
    "minor_version": 1,
    "key": "onboarding",
    "data": {"done": ["core_config", "analytics", "integration"]},
}

MOSQUITTO = f"""\
listener {{port}} {LOOPBACK}
allow_anonymous true
user root
persistence true
persistence_location {{run}}/mosquitto/
log_dest stdout
log_type all
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


class State(TypedDict):
    """The content of the state file.

    run: folder of the configuration, of mqtt.jsonl with every message over the broker, and of logs.
    """

    url: str
    token: str | None
    mqtt_port: int
    run: str
    language: str
    time_zone: str
    processes: dict[str, Process]


def load(file: Path) -> State:
    """Read the state file. Raises RuntimeError if there is none."""
    try:
        state: State = json.loads(file.read_text())
    except FileNotFoundError:
        raise RuntimeError(f"there is no state file {file}; start with: ha up") from None
    return state


def _save(file: Path, state: State) -> None:
    part = file.with_name(f"{file.name}.part")
    part.touch(0o600)
    part.write_text(json.dumps(state, indent=1) + "\n")
    part.replace(file)


def conversation(state: State) -> Client:
    """Return a client of the instance."""
    return Client(state["url"], state["token"])


def up(file: Path, language: str, time_zone: str) -> State:
    """Start a broker and a Home Assistant that is connected to it; return the state."""
    if file.exists() and any(map(is_running, load(file)["processes"].values())):
        raise RuntimeError(f"{file}: it runs already; end it with: ha down")
    run = Path(tempfile.mkdtemp(prefix="unsit-rig-ha-"))
    port = free_port()
    state: State = {
        "url": f"http://{LOOPBACK}:{port}",
        "token": None,
        "mqtt_port": free_port(),
        "run": str(run),
        "language": language,
        "time_zone": time_zone,
        "processes": {},
    }
    (run / "mosquitto").mkdir()
    (run / "mosquitto.conf").write_text(MOSQUITTO.format(port=state["mqtt_port"], run=run))
    (run / "config" / ".storage").mkdir(parents=True)
    (run / "config" / ".storage" / "onboarding").write_text(json.dumps(ONBOARDING))
    configuration = run / "config" / "configuration.yaml"
    text = CONFIGURATION.format(language=language, time_zone=time_zone)
    configuration.write_text(text + HTTP.format(port=port))
    try:
        _start_broker(state)
        _start_recorder(state)
        _start_home_assistant(state)
        _save(file, state)
        asyncio.run(_wait_for_answers(state))
        if asyncio.run(_onboard(state)):
            configuration.write_text(text)
        asyncio.run(_wait_for_mqtt(state))
        _wait_for_birth(run, 0, 30)
    except BaseException:
        for process in reversed(state["processes"].values()):
            end(process)
        file.unlink(missing_ok=True)
        print(f"the logs stay in {run}; hass.log ends:", file=sys.stderr)
        with contextlib.suppress(FileNotFoundError):
            lines = (run / "hass.log").read_text(errors="replace").splitlines()
            print(*lines[-15:], sep="\n", file=sys.stderr)
        raise
    _save(file, state)
    return state


def down(file: Path, keep: bool) -> None:
    """End everything that was started; remove the run folder unless it is to be kept."""
    state = load(file)
    for name in ("hass", "recorder", "mosquitto"):
        if name in state["processes"]:
            end(state["processes"][name])
    file.unlink()
    if keep:
        print(f"kept {state['run']}", file=sys.stderr)
    else:
        shutil.rmtree(state["run"])


def stop_one(file: Path, name: str, crash: bool) -> None:
    """Stop "mosquitto" or "hass"; a crash is SIGKILL, without a farewell."""
    process = load(file)["processes"][name]
    print(name, "ended by", end(process, signal.SIGKILL if crash else signal.SIGTERM))


def start_one(file: Path, name: str) -> None:
    """Start "mosquitto" or "hass" and wait until Home Assistant is connected to the broker."""
    state = load(file)
    run = Path(state["run"])
    if is_running(state["processes"][name]):
        raise RuntimeError(f"{name} runs already")
    births = _births(run)
    if name == "mosquitto":
        _start_broker(state)
        _save(file, state)
    else:
        _start_home_assistant(state)
        _save(file, state)
        asyncio.run(_wait_for_answers(state))
        asyncio.run(_wait_for_mqtt(state))
    if is_running(state["processes"]["hass"]):
        # After the broker was away it tries to connect on a schedule of its own.
        _wait_for_birth(run, births, 60)


def _start_broker(state: State) -> None:
    run = Path(state["run"])
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    command = [program, "-c", str(run / "mosquitto.conf")]
    process = processes.start("mosquitto", command, run / "mosquitto.log")
    state["processes"]["mosquitto"] = process
    wait_for_port(state["mqtt_port"], process, 10)


def _start_recorder(state: State) -> None:
    """Record every message over the broker, one JSON object a line."""
    command = [
        *("mosquitto_sub", "-h", LOOPBACK, "-p", str(state["mqtt_port"]), "-i", "rig-recorder"),
        *("-V", "mqttv5", "--retain-as-published", "-q", "2", "-t", "#", "-F", "%j"),
    ]
    log = Path(state["run"]) / "mqtt.jsonl"
    state["processes"]["recorder"] = processes.start("recorder", command, log)


def _start_home_assistant(state: State) -> None:
    run = Path(state["run"])
    program = Path(__file__).with_name("guarded_hass.py")
    outside = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    state["processes"]["hass"] = processes.start(
        "hass",
        [
            *(sys.executable, str(program), "--config", str(run / "config")),
            *("--skip-pip", "--log-no-color"),
        ],
        run / "hass.log",
        outside | {"PYTHONUNBUFFERED": "1", "TZ": "UTC"},
    )


async def _wait_for_answers(state: State) -> None:
    path = "/api/" if state["token"] else "/api/onboarding"
    process = state["processes"]["hass"]
    async with conversation(state) as client:

        async def answers() -> bool:
            await client.http("GET", path)
            return True

        what = "Home Assistant answers"
        await wait_until(answers, what, START_TIMEOUT_S, lambda: is_running(process))


async def _wait_for_mqtt(state: State) -> None:
    async with conversation(state) as client:

        async def loaded() -> bool:
            config = await client.http("GET", "/api/config")
            entries = await client.http("GET", "/api/config/config_entries/entry")
            mqtt = [entry["state"] for entry in entries if entry["domain"] == "mqtt"]
            return bool(config["state"] == "RUNNING" and mqtt == ["loaded"])

        await wait_until(loaded, "Home Assistant runs with MQTT", START_TIMEOUT_S)


def _births(run: Path) -> int:
    """Return how often Home Assistant has announced itself on the broker."""
    lines = (run / "mqtt.jsonl").read_text(errors="replace").splitlines()
    count = 0
    for line in lines:
        with contextlib.suppress(ValueError):  # the last line may be half written
            message = json.loads(line)
            count += (message["topic"], message.get("payload")) == (BIRTH_TOPIC, "online")
    return count


def _wait_for_birth(run: Path, before: int, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while _births(run) <= before:
        if time.monotonic() > deadline:
            raise RuntimeError(f"Home Assistant did not announce itself within {timeout:.0f} s")
        time.sleep(0.05)


async def _onboard(state: State) -> bool:
    """Make an owner, a token that lasts, and the MQTT integration.

    Returns whether Home Assistant keeps port and address itself from now on: newer releases take
    them from the YAML once, on trial, and go back to the default after five minutes unless that is
    confirmed.
    """
    address = state["url"] + "/"
    async with conversation(state) as client:
        owner = {"name": OWNER, "username": OWNER, "password": PASSWORD, "language": "en"}
        made = await client.http("POST", "/api/onboarding/users", owner | {"client_id": address})
        grant = {"grant_type": "authorization_code", "code": made["auth_code"]}
        tokens = await client.http("POST", "/auth/token", form=grant | {"client_id": address})
        client.log_in(tokens["access_token"])
        state["token"] = await client.ws(
            "auth/long_lived_access_token", client_name=OWNER, lifespan=3650
        )
        keeps = True
        try:
            await client.ws("http/config/promote")
        except RuntimeError as why:
            if "unknown_command" not in str(why):
                raise
            keeps = False
    async with conversation(state) as client:

        async def runs() -> bool:
            return bool((await client.http("GET", "/api/config"))["state"] == "RUNNING")

        await wait_until(runs, "Home Assistant runs", START_TIMEOUT_S)
        await _set_up_mqtt(client, state["mqtt_port"])
        # What it says of this very set-up does not belong on a picture.
        for issue in (await client.ws("repairs/list_issues"))["issues"]:
            which = {"domain": issue["domain"], "issue_id": issue["issue_id"]}
            await client.ws("repairs/ignore_issue", **which, ignore=True)
    return keeps


async def _set_up_mqtt(client: Client, port: int) -> None:
    flows = "/api/config/config_entries/flow"
    step = await client.http("POST", flows, {"handler": "mqtt", "show_advanced_options": True})
    answers = _fill_in(step["data_schema"], {"broker": LOOPBACK, "port": port})
    step = await client.http("POST", f"{flows}/{step['flow_id']}", answers)
    if step["type"] != "create_entry":
        raise RuntimeError(f"Home Assistant does not take the broker: {json.dumps(step)}")


def _fill_in(form: list[dict[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in a form with what is given, and what it requires with its own defaults."""
    without_default = {"set_client_cert": False, "set_ca_cert": "off"}
    filled: dict[str, Any] = {}
    for field in form:
        name = field["name"]
        if field.get("type") == "expandable":
            filled[name] = _fill_in(field["schema"], given)
        elif name in given:
            filled[name] = given[name]
        elif field.get("required"):
            filled[name] = field["default"] if "default" in field else without_default[name]
    return filled
