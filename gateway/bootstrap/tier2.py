"""Tier 2 of the detectors and the reader of PDFs as the settings want them."""

from gateway.deepscan import documents
from gateway.deepscan.child import SecretScan, command
from gateway.deepscan.finder import is_installed
from gateway.settings import Detectors, environment, worker_environment


def secret_scan(settings: Detectors) -> SecretScan | None:
    """Return tier 2, or None if it is off.

    Raises:
        ValueError: it is on, but the package is not installed.
    """
    if settings.tier2 == "off":
        return None
    if not is_installed():
        msg = "detectors.tier2: credsweeper is not installed: pip install 'gateway[credsweeper]', or set it to `off`"
        raise ValueError(msg)
    uuids = settings.tier2_uuids
    return SecretScan(worker_environment(environment()), settings.tier2_deadline, command(uuids=uuids))


def pdf_reader(settings: Detectors) -> documents.PdfReader | None:
    """Return the reader of an edge or egress, or None if PDFs count as pictures.

    The first PDF starts its worker, which ends with this process: nobody writes into its pipe any more.
    """
    if settings.pdf == "off" or not documents.is_installed():
        return None
    return documents.PdfReader(worker_environment(environment()), settings.pdf_deadline, settings.pdf_pages)
