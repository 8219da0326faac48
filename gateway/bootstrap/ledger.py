"""The ledger role: ships the spool to SQLite as its only writer, exports traces, serves the admin plane."""

import socket

import anyio

from gateway.admin.app import build
from gateway.admin.edge_client import EdgeClient
from gateway.bootstrap.child import Handed, stop_signal
from gateway.bootstrap.serving import Listening
from gateway.settings import Settings
from gateway.stores.data_dir import DataDir
from gateway.stores.ledger_sqlite import SqliteLedger
from gateway.stores.shipper import Shipper
from gateway.telemetry.logs import Log

PERIOD_S = 0.2
