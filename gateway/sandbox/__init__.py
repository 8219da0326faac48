"""Labelled stand-ins for SGLang, OpenAI and Anthropic, so that the gateway can be tried and broken without them."""

from gateway.sandbox.app import SandboxApp, build
from gateway.sandbox.faults import FAULT_NAMES, Faults, InvalidFault
from gateway.sandbox.serve import RunningSandbox, running, running_in_thread, serve
from gateway.sandbox.settings import SandboxSettings, Vendor

__all__ = [
    "FAULT_NAMES",
    "Faults",
    "InvalidFault",
    "RunningSandbox",
    "SandboxApp",
    "SandboxSettings",
    "Vendor",
    "build",
    "running",
    "running_in_thread",
    "serve",
]
