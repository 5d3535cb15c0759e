"""From an event to a subscriber of an MQTT broker (mosquitto) and to a client of OPC UA, both on this computer, in milliseconds.

An event is told to both at once. MQTT: until the message is there. OPC UA: until the client, subscribed at its fastest rate, is told that
the state of the attribute has changed. The events come one after the other, each after the end of the one before.
"""

import time
from dataclasses import replace

import numpy as np

from benchmarks.harness import main, scratch_folder
from core.events.detector import Event, EventChange
from core.events.mqtt_settings import MqttSettings
from core.events.opcua import OpcUaSettings
from core.events.signals import Signals, SignalSender
from tests.events.test_opcua import Client
from tests.helpers.broker import Broker, free_port, subscribed
from tests.helpers.waiting import until

STATE = "break.State"


def measure(events: int) -> dict[str, float]:
    with scratch_folder() as folder:
        broker, server = Broker(folder).start(), OpcUaSettings(port=free_port())
        try:
            signals = Signals(mqtt=MqttSettings(broker.address), opcua=server)
            with subscribed(broker.port) as told:
                sender, arrived = SignalSender(signals, {}, attributes=["break"]), dict[str, list[float]]()
                client = Client(server)
                until(lambda: client.value(STATE) is False and told.latest("seamlens/status") == "online")
                _time_arrivals(told, client, arrived)
                client.subscribe(STATE)
                until(lambda: len(client.told) == 1)
                delays = [_delays(sender, number, arrived) for number in range(events)]
                sender.close()
                client.stop()
        finally:
            broker.kill()
    return {
        f"{name}_{part}_ms": 1000 * float(np.percentile([each[name] for each in delays], share))
        for name in ("mqtt", "opcua")
        for part, share in (("p50", 50), ("p95", 95), ("longest", 100))
    }


def _time_arrivals(told, client, arrived) -> None:
    """Note when something comes: of the broker events, of the server true states."""
    take, notify = told.client.on_message, client.datachange_notification

    def message(*given):
        if given[2].topic.endswith("/event"):
            arrived.setdefault("mqtt", []).append(time.perf_counter())
        take(*given)

    def change(node, value, data):
        if value:
            arrived.setdefault("opcua", []).append(time.perf_counter())
        notify(node, value, data)

    told.client.on_message, client.datachange_notification = message, change


def _delays(sender, number: int, arrived) -> dict[str, float]:
    change = EventChange(Event(number, "break", 1.0, 1.2, 0.9, 1.1, 11), is_over=False)
    arrived.clear()
    start = time.perf_counter()
    sender.send([change])
    until(lambda: len(arrived) == 2)
    sender.send([replace(change, is_over=True)])
    time.sleep(0.05)  # for the state to be false again
    return {name: times[0] - start for name, times in arrived.items()}


if __name__ == "__main__":
    main(__doc__, measure, {"--events": {"default": 200, "help": "so many events"}})
