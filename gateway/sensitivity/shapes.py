"""Secrets whose shape is more than a prefix: marked keys, bot tokens, private parts of keys, hashes, signed addresses."""
# ruff: noqa: E501 -- patterns are read more easily unbroken

import re
from base64 import b64decode
from binascii import Error
from bisect import bisect_left
from functools import partial
from typing import Final

from gateway.sensitivity.around import Manifests, Networks
from gateway.sensitivity.finding import Hit, Trigger, remembering, trigger
from gateway.sensitivity.placeholder import entropy, is_placeholder

_NEAR: Final = 160
_LEAST_BITS: Final = 2.5
_ROOM: Final = 640
"""How far behind a trigger's end a match may go."""


def _from(pattern: "re.Pattern[str]", back: int, text: str, end: int, *, room: int = _ROOM) -> Hit | None:
    """Return the first match of a pattern that goes over a trigger's end."""
    for seen in pattern.finditer(text, max(0, end - back), end + room):
        if seen.start() >= end:
            return None
        if seen.end() >= end:
            start, stop = seen.span("hit" if "hit" in pattern.groupindex else 0)
            value = text[start:stop]
            return None if is_placeholder(value[-24:]) or entropy(value) < _LEAST_BITS else Hit(start, stop)
    return None


def _mixed(pattern: "re.Pattern[str]", back: int, text: str, end: int, *, room: int = _ROOM) -> Hit | None:
    """Do the same, and leave alone what does not mix digits, small and capital letters."""
    hit = _from(pattern, back, text, end, room=room)
    value = "" if hit is None else text[hit.start : hit.end]
    mixed = any(map(str.isdigit, value)) and any(map(str.isupper, value)) and any(map(str.islower, value))
    return hit if mixed else None


_AZURE_MARKS: Final = r"(?:AzFu|AzSe|AzCa|\+ASt|\+AST|\+ACR|\+AEh|\+ABa|\+ARm|\+AMC|APIM|ACDb|AIoT|JQQJ99|AZDO)"
"""What Azure writes into its keys so that they can be found."""
_AZURE: Final = re.compile(
    rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{28,80}}{_AZURE_MARKS}[A-Za-z0-9+/_-]{{4,40}}={{0,2}}(?![A-Za-z0-9])"
)
_AZURE_SECRET: Final = re.compile(r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}")
_LONG_KEY: Final = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==")
_LABELS: Final = ("key", "secret", "token", "credential", "passw")
_HASHED: Final = ("sha512", "sha-512", "integrity", "checksum", "digest", "hash")


def _long_key(text: str, end: int) -> Hit | None:
    """Return 64 bytes in base64 after a word that says what they are."""
    before = text[max(0, end - 88 - 64) : max(0, end - 88)].lower()
    if not any(word in before for word in _LABELS) or any(word in before for word in _HASHED):
        return None
    hit = _mixed(_LONG_KEY, 90, text, end)
    return Hit(hit.start, hit.end, sure=False) if hit is not None else None


_TELEGRAM: Final = re.compile(r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{32,35}")
_DISCORD: Final = re.compile(r"\b(?P<id>[MNO][A-Za-z0-9_-]{17,27})\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}")


def _discord(text: str, end: int) -> Hit | None:
    for seen in _DISCORD.finditer(text, max(0, end - 64), end + _NEAR):
        if seen.end() >= end:
            try:
                opened = b64decode(seen["id"] + "=" * (-len(seen["id"]) % 4))
            except (Error, ValueError):
                return None
            return Hit(*seen.span()) if opened.isdigit() else None
    return None


_PRIVATE_PART: Final = re.compile(r"\"(?:d|k|p|q|dp|dq|qi)\"\s*:\s*\"(?P<hit>[A-Za-z0-9_-]{20,1400})={0,2}\"")
_KEY_TYPE: Final = re.compile(r"\"kty\"\s*:\s*\"(?:RSA|EC|OKP|oct)\"")
_KEY_SIZE: Final = 2000


class _KeyTypes:
    """JSON Web Keys in one text."""

    def __init__(self) -> None:
        self._places: list[int] | None = None

    def __call__(self, text: str, end: int) -> Hit | None:
        """Return the private part of a key."""
        if self._places is None:
            self._places = [match.start() for match in _KEY_TYPE.finditer(text)]
        near = bisect_left(self._places, end - _NEAR - _KEY_SIZE)
        last = end + _ROOM + _KEY_SIZE
        return _private_part(text, end) if near < len(self._places) and self._places[near] < last else None


def _private_part(text: str, end: int) -> Hit | None:
    hit = _from(_PRIVATE_PART, 64, text, end)
    if hit is None or _KEY_TYPE.search(text, max(0, hit.start - _KEY_SIZE), hit.end + _KEY_SIZE) is None:
        return None
    return hit


_HASHES: Final = re.compile(
    r"\$(?:[1567]|apr1|g?y|sha1|md5)\$[^\s:$]{1,40}\$(?:[^\s:$]{1,40}\$)?[A-Za-z0-9./]{20,128}|\$argon2(?:id|i|d)\$v=\d+\$[^\s\"':]{30,200}"
    r"|pbkdf2_sha\d+\$\d+\$[^\s$\"']{4,40}\$[A-Za-z0-9+/=]{20,100}|\$(?:pbkdf2-sha\d+|scrypt)\$[^\s\"':]{30,200}|scrypt:\d+:\d+:\d+\$\S{4,40}\$[0-9a-f]{64,128}"
    r"|\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{26,140}={0,2}"
)
"""Hashes of passwords as systems keep them: who has one can try passwords until one fits."""
_SIGNED: Final = re.compile(
    r"(?:[?&](?:amp;)?(?:sig|Signature|signature)=(?P<sig>[A-Za-z0-9%+/_~-]{24,700}={0,2})|X-(?:Amz|Goog|Oss|Cos)-Signature=(?P<sign>[0-9A-Fa-f]{40,1400}))"
)
_SIGNED_BY: Final = re.compile(
    r"[?&;](?:sv|se|sp|sr|srt|st|spr|api-version|Expires|Key-Pair-Id|OSSAccessKeyId|AWSAccessKeyId|GoogleAccessId|X-\w+-Credential)="
)
_SIGNERS: Final = ("logic.azure", "X-Amz", "X-Goog", "X-Oss", "X-Cos")


def _signed(text: str, end: int) -> Hit | None:
    """Return the signature of an address that opens what it names to anybody."""
    for seen in _SIGNED.finditer(text, max(0, end - 60), end + 1500):
        if seen.end() >= end:
            group = "sig" if seen["sig"] else "sign"
            around = text[max(0, seen.start() - 600) : seen.end() + 300]
            signed = any(word in around for word in _SIGNERS) or _SIGNED_BY.search(around) is not None
            return Hit(*seen.span(group)) if signed else None
    return None


_BASIC_PAIR: Final = re.compile(r"(?:\"auth\"\s*:\s*\"|_auth\s*=\s*\"?)(?P<hit>[A-Za-z0-9+/]{8,512}={0,2})")


def _basic_pair(text: str, end: int) -> Hit | None:
    """Return user and password as Docker and npm keep them."""
    for seen in _BASIC_PAIR.finditer(text, max(0, end - 40), end + 600):
        if seen.end() >= end:
            value = seen["hit"]
            try:
                opened = b64decode(value + "=" * (-len(value) % 4))
            except (Error, ValueError):
                return None
            user, colon, password = opened.partition(b":")
            good = colon and opened.isascii() and user and not is_placeholder(password.decode("ascii", "replace"))
            return Hit(*seen.span("hit")) if good else None
    return None


_PHRASE: Final = re.compile(
    r"[\"'\s:=]{0,6}(?:is\s)?[\"'\s:=]{0,3}(?P<hit>[a-z]{3,8}(?:[ ,]{1,2}[a-z]{3,8}){11,23})(?![a-z])"
)
_NOT_IN_PHRASES: Final = frozenset(
    {"the", "and", "for", "with", "from", "are", "was", "not", "but", "have", "has", "which", "been", "its"}
)


def _phrase(text: str, end: int) -> Hit | None:
    """Return the words from which a wallet can be restored."""
    match = _PHRASE.match(text, end)
    if match is None or _NOT_IN_PHRASES & set(re.split(r"[ ,]+", match["hit"])):
        return None
    return Hit(*match.span("hit"))


_WALLET: Final = re.compile(r"(?<![A-Za-z0-9])[5KL][1-9A-HJ-NP-Za-km-z]{50,51}(?![A-Za-z0-9])")
_STATELESS: Final = re.compile(r"gh[su]_\d{1,12}_eyJ[\w-]{10,}\.[\w-]{4,}(?:\.[\w-]{4,})?")
_ZHIPU: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![0-9A-Za-z])")
_ROUTABLE: Final = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{27,300}\.[0-9a-z]{2}\.[0-9a-z]{9}(?![0-9A-Za-z])")
_MAILGUN: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![0-9A-Za-z-])")
_OKTA: Final = re.compile(r"(?<![A-Za-z0-9_-])00[A-Za-z0-9_-]{40}(?![A-Za-z0-9_-])")
_BITWARDEN: Final = re.compile(r"\b0\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\.[A-Za-z0-9]{20,}")
_TWITTER: Final = re.compile(
    r"(?<![A-Za-z0-9+/])A{18,24}[A-Za-z0-9]{12,60}(?:%[23][A-Fa-f0-9]|[=/+])[A-Za-z0-9%=/+]{20,100}"
)
_SALESFORCE: Final = re.compile(r"(?<![A-Za-z0-9])00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?![A-Za-z0-9._]{80,120}")
_TRUENAS: Final = re.compile(r"(?<![A-Za-z0-9-])\d{1,3}-[A-Za-z0-9]{64}(?![A-Za-z0-9])")
_UNSEAL: Final = re.compile(r"operator unseal\s{1,4}[\"']?(?P<hit>[A-Za-z0-9+/]{40,48}={0,2})")
_SETUP: Final = re.compile(r"use the following password[^:\n]{0,60}:\s{1,12}(?P<hit>[0-9a-f]{32})(?![0-9a-f])")
_DEVICE: Final = re.compile(r"/api/v1/(?P<hit>[A-Za-z0-9]{20})/(?:telemetry|attributes|rpc|claim)\b")
_CRUMB: Final = re.compile(r"Jenkins-Crumb[\"']?[:=]\s{0,2}[\"']?(?P<hit>[0-9a-f]{32,64})")
_APP: Final = re.compile(r"(?<![0-9|])[1-9]\d{13,16}\|[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])")
"""An application's token of Facebook."""
_RUN_BY_KEY: Final = re.compile(r"wandb[ :=\"'_a-z-]{1,24}(?P<hit>[0-9a-f]{40})(?![0-9a-f])", re.IGNORECASE)
_MINISIGN: Final = re.compile(r"minisign encrypted secret key\s{1,4}(?P<hit>[A-Za-z0-9+/]{40,400}={0,2})")
_KEY_SAID: Final = re.compile(
    r"(?:key|token|secret)\s(?:is|was|will be)[ :]{1,3}[\"'`]?(?P<hit>[A-Za-z0-9_./+=~-]{12,256})"
)


def _said(text: str, end: int) -> Hit | None:
    hit = _from(_KEY_SAID, 32, text, end)
    value = "" if hit is None else text[hit.start : hit.end].rstrip(".")
    good = min(sum(map(str.isdigit, value)), sum(map(str.isalpha, value))) > 1 and "/" not in value[:8]
    return Hit(hit.start, hit.start + len(value), sure=False) if hit is not None and good else None


TRIGGERS: Final[tuple[Trigger, ...]] = (
    trigger(rf"{_AZURE_MARKS}[A-Za-z0-9+/_-]{{4}}", partial(_mixed, _AZURE, 96, room=64)),
    trigger(r"[0-9]Q~[A-Za-z0-9_~.-]{31}", partial(_from, _AZURE_SECRET, 40, room=8)),
    trigger(r"[A-Za-z0-9+/]{86}==", _long_key),
    trigger(r"[0-9]{8}:AA[A-Za-z0-9_-]{32}", partial(_from, _TELEGRAM, 48, room=8)),
    trigger(r"\b[MNO][A-Za-z0-9_-]{17,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}", _discord),
    remembering(r"\"(?:d|k|p|q|dp|dq|qi)\"\s*:\s*\"[A-Za-z0-9_-]{20}", _KeyTypes),
    trigger(r"\$(?:[1567]|apr1|g?y|sha1|md5)\$[^\s:$]{1,40}\$(?:[^\s:$]{1,40}\$)?[A-Za-z0-9./]{20}", partial(_from, _HASHES, 110)),
    trigger(r"(?:\$argon2(?:id|i|d)\$v=|\$(?:pbkdf2-sha\d+|scrypt)\$|pbkdf2_sha\d+\$\d+\$|scrypt:\d+:\d+:\d+\$)", partial(_from, _HASHES, 32)),
    trigger(r"\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{26}", partial(_from, _HASHES, 40)),
    trigger(r"[?&;](?:sig|Signature|signature)=[A-Za-z0-9%+/_~-]{24}", _signed),
    trigger(r"X-(?:Amz|Goog|Oss|Cos)-Signature=[0-9A-Fa-f]{40}", _signed),
    trigger(r"(?:\"auth\"\s*:\s*\"|_auth\s*=\s*\"?)[A-Za-z0-9+/]{8}", _basic_pair),
    remembering(r"\bkind[\"']?:\s*[\"']?Secret[\"']?(?:\s|,|$)", Manifests),
    trigger(r"\b(?:mnemonic|(?:seed|recovery|secret|backup)[ _](?:phrase|words)|seedphrase)\b", _phrase, caseless=True),
    trigger(r"\b[5KL][1-9A-HJ-NP-Za-km-z]{50}", partial(_mixed, _WALLET, 54, room=4)),
    trigger(r"(?:\b|_)gh[su]_[0-9]{1,12}_eyJ[A-Za-z0-9_-]{10}", partial(_from, _STATELESS, 34)),
    trigger(r"\b[0-9a-f]{32}\.[A-Za-z0-9]{16}\b", partial(_mixed, _ZHIPU, 50, room=4)),
    trigger(r"[A-Za-z0-9_-]{20}\.0[0-9a-z]\.[0-9a-z]{9}\b", partial(_mixed, _ROUTABLE, 320, room=4)),
    trigger(r"\b[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b", partial(_from, _MAILGUN, 52, room=4)),
    trigger(r"\b00[A-Za-z0-9_-]{40}", partial(_mixed, _OKTA, 44, room=4)),
    trigger(r"\b0\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[A-Za-z0-9]{20}", partial(_from, _BITWARDEN, 62)),
    trigger(r"A{18}[A-Za-z0-9]{12,60}[=/+][A-Za-z0-9]{20}", partial(_mixed, _TWITTER, 130)),
    trigger(r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{80}", partial(_mixed, _SALESFORCE, 100)),
    trigger(r"\b[0-9]{1,3}-[A-Za-z0-9]{64}\b", partial(_mixed, _TRUENAS, 70, room=4)),
    trigger(r"operator unseal\s{1,4}[\"']?[A-Za-z0-9+/]{40}", partial(_from, _UNSEAL, 62)),
    trigger(r"use the following password", partial(_from, _SETUP, 30, room=160)),
    trigger(r"/api/v1/[A-Za-z0-9]{20}/(?:telemetry|attributes|rpc|claim)\b", partial(_from, _DEVICE, 44, room=4)),
    trigger(r"\bJenkins-Crumb[\"']?[:=]\s{0,2}[\"']?[0-9a-f]{32}", partial(_from, _CRUMB, 52)),
    trigger(r"\b[1-9][0-9]{13,16}\|[A-Za-z0-9_-]{27}", partial(_mixed, _APP, 46, room=4)),
    trigger(r"\bwandb[ :=\"'_a-z-]{1,24}[0-9a-f]{40}\b", partial(_from, _RUN_BY_KEY, 72, room=4), caseless=True),
    trigger(r"minisign encrypted secret key\s{1,4}[A-Za-z0-9+/]{40}", partial(_from, _MINISIGN, 80)),
    remembering(r"\b(?:ssid|wi-?fi|wlan|wpa[23]?)\b[^\n]*\b(?:key|password|psk|pass|pw|code)\b[ :=]{1,3}(?:is )?[\"']?[^\s\"',;=:]", Networks, caseless=True),
    trigger(r"\b(?:key|token|secret)\s(?:is|was|will be)[ :]{1,3}[\"'`]?[A-Za-z0-9_./+=~-]{12}", _said, caseless=True),
)  # fmt: skip
