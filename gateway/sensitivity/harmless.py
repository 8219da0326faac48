"""Names that hold no secret although a part of them says so, and values that are none whatever their name is."""
# ruff: noqa: E501, SIM905 -- patterns and words are read more easily unbroken

import re
from functools import lru_cache
from typing import Final

from gateway.sensitivity.likelihood import oddness

_NAME: Final = re.compile(
    r"(?:^|[^A-Za-z])(?:co-?)?author(?:s|ed|ship|-?e?mail|itys?|ities|ed-by|_?name|_?email|_?u?ids?|_?login|_?handle|_?url)?$"
    r"|licen[cs](?:e|es|ed|ing|or|ee)(?:[-_.]?(?:expression|identifier|files?|text|type|url|name|id|info|list|concluded|declared|comments?))?$"
    r"|(?:^|[^A-Za-z]|[a-z])(?:cache|sort|primary|foreign|partition|group|route|routing|row|dedupe|dedup|idempotency|index|lookup|map|dict|field|column|object|item|list|hot|short-?cut|i18n|translation|locale|label|order|unique|composite|cluster|shard|range|hash|react|prop|query|param|config|setting|options?|state|enum|event|feature|message|metric|tag|topic|attribute|property|any|arrow|escape|return|space|tab|next|prev|parent|child|last|first|current|press_any|modifier|public|trusted|fingerprint|pkg|gpg|pgp|apt)[-_ ]?keys?$"
    r"|keys?[-_.]?(?:words?|names?|boards?|codes?|frames?|path|file|files|id|ids|type|size|len|length|space|stores?|rings?|map|up|down|servers?|usage|error|prefix|suffix|func|fn|format|pair|press|press(?:ed)?|bindings?|by|of|for|in|with|to|from|not|is|and|or|if|value|values|only|list|set|index|exchange|agreement|schedule|stroke|strokes|note|notes|point|points|hole|holes|chain|info|data|spec|alg|algorithm|version|url|uri)$"
    r"|(?:secret|password|passwd|pwd|pass|token|credentials?|passphrase|auth)s?(?:[-_.]?(?:names?|refs?|paths?|files?|dir|types?|url|uri|endpoint|policy|provider|len|length|size|min|max|ttl|expir\w*|hint|placeholder|prompt|regex|pattern|errors?|message|title|text|reset|fields?|labels?|index|count|format|class|strength|manager|generator|validator|required|changed|mismatch|incorrect|invalid|updated|confirm\w*|forgot\w*|help|mode|method|scheme|handler|plugin|module|service|server|host|store|backend|encoding|style|limit|position|pos|kind|list|map|header|audience|issuer|scopes?|description|again|repeat|rules?|age|column|attr|attribute|input|visible|visibility|toggle|icon|link|page|screen|view|form|callback|hook|hash|digest|salt|algorithm|alg|encoder|hasher|cost|rounds|iterations))$"
    r"|(?:^|[^A-Za-z])(?:use|has|is|no|show|hide|get|set|create|delete|update|need|requires?|ask|allow|enable|disable|forgot|reset|change|invalid|incorrect|wrong|missing|bad|repeat|confirm|new|old|with|without|label|generate|encode|decode|verify|check|hash|encrypt|decrypt|count|num|max|min|total|prompt|completion|input|output|cached|special|stop|pad|eos|bos|unk|mask|sep|cls|n|next|prev|current|last|first|lex|parse|syntax|string|number|comment|name|keyword|operator)[-_]?(?:secrets?|tokens?)$"
    r"|(?:error|exception|warning)$"
    r"|on[-_]?pass$|pass(?:[-_]?(?:rate|count|through|thru|by|es|ed|ing|enger|port|age|ive))\w*$"
    r"|\.(?:encode|decode|get|pop|strip|split|format|join|replace|startswith|endswith|lower|upper|append|find|index|set)$"
    r"|pwd\.\w+$|getpw\w*$|(?:^|[^A-Za-z])(?:hash|etag|checksum|digest|sha\d*|sum|integrity|resolved|revision|rev|commit)$"
    r"|(?:^|[^A-Za-z])(?:cert|certs|certificate|login|logins|session|sessions|cookies?|seed|seeds|credential|authentication|authorization|webhook|signature|nonce|salt)s?[-_]?(?:name|names|path|file|type|mode|method|policy|url|id|class|handler|count|size|len|length|ttl|timeout|age|domain|status|state|format|alg|algorithm|param|params|middleware|manager|store|engine|backend|serializer|scheme|provider|page|form|view|button|title|label|text|message|error|failed|required|success|data|info|length|bytes|value|values|list|map|set)$",
    re.IGNORECASE,
)
_FILE: Final = re.compile(
    r"\.(?:[a-z]{1,5}|[ch]pp|[ch]xx|jsonl?|ya?ml|html?|mdx?|rst|txt|[1-9]|tf|lock|properties|gradle|swift|scala)$",
    re.IGNORECASE,
)
_LINE: Final = re.compile(r"\d{1,6}(?::\d{1,5})?(?:[:\-]|$)")
"""``file:line:text``, as grep and compilers write it."""
_NUMBER: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]{1,16}[uUlL]{0,3}|\d{1,12}(?:\.\d+)?[a-zA-Z%]{0,3})")
_VERSION: Final = re.compile(
    r"[~^<>=!]{0,2}v?\d+(?:\.\d+){1,3}(?:[-+.@/,~][\w.+~-]*)?,?|h1:[A-Za-z0-9+/]{43}=?|(?:19|20)\d\d-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
)
_ALGORITHM: Final = re.compile(
    r"A\d{3}(?:CBC|GCM|KW|GCMKW)(?:-HS\d{3})?|[HREP]S\d{3}|(?:AES|RSA|ECDSA|ECDH|HMAC|PBES2|3?DES|TLS|SHA)(?:[-_/+][A-Za-z0-9]{1,10}){1,5}"
)
_LICENSES: Final = re.compile(
    r"(?:[AL]?GPL|GFDL|BSD|MIT|Apache|MPL|EPL|CDDL|CC0?|ISC|Zlib|Artistic|Unlicense|Expat|W3C|PSF|OFL|X11|Python|Ruby|BSL|ZPL|EUPL|AFL|OSL|WTFPL|public[- ]domain)(?:[-+ v.]|_or_|$|[23])",
    re.IGNORECASE,
)
_WORDS: Final = re.compile(
    r"-{0,2}[A-Za-z]{1,20}(?:[-_./:@ ][A-Za-z]{1,24}){1,12}[.,:;!?]{0,3}"
    r"|[a-z]+(?:[-_.][a-z0-9]{1,16}){2,12}|[\w*?-]+(?:/[\w*?-]+)*\.(?:[a-z]{1,3}|json|ya?ml|html|java|conf|properties)"
)
"""Several words with hyphens, dots or underscores between: names of things, as Kubernetes and CSS have them."""
_REFERS: Final = re.compile(
    r"existing[-_]?secret|image[-_]?pull[-_]?secrets?|tls[-_]?secret|secret[-_]?(?:name|ref)", re.IGNORECASE
)
_OBJECT: Final = re.compile(r"[a-z0-9][a-z0-9.-]*")
_ODD: Final = 5.0
"""Above it the letters of a value are not in an order that words have."""
_FLAG: Final = re.compile(r"-{1,2}[a-z]+(?:-[a-z]+)*=?[^0-9]*")
_CAMEL: Final = re.compile(r"(?:[A-Za-z]\.)?[a-z]+(?:[A-Z][a-z]+){2,}|(?:[A-Z][a-z]+){2,}")
_IN_PLACE: Final = re.compile(
    r"@[\w.-]+@|@\{[^}]*\}|__\w+__|:[a-z_]+|\?|\w+\?\.\w+|%[a-z_]+%|#[a-z.]+|[A-Z_]+_(?:HERE|VALUE|GOES)\b.*"
    r"|\d{4}_[a-z]+(?:_[a-z0-9]+)*"
)
"""What a build tool or template puts a value in place of; names of migrations."""
_SEALED: Final = re.compile(r"Ag[A-D][A-Za-z0-9+/]{60,}")
_SEALED_BY: Final = ("SealedSecret", "encryptedData", "bitnami")
_SEALED_WITHIN: Final = 4000
_CIPHER: Final = re.compile(
    r"ENC[\[(]|\$ANSIBLE_VAULT|AGE-ENCRYPTED|enc:v\d|vault:v\d+:|\{cipher\}|gpg:|kms:|AQICAH|ssm:|arn:aws|projects/[\w-]+/secrets/|op://|secretref:|vault:|keyring:|file:"
)
"""What others have sealed already, and names of where it is kept."""
_TRANSLATED: Final = frozenset(
    "passwort kennwort passphrase passcode motdepasse contrasena contrasenya clave senha palavrapasse parola parolachiave wachtwoord haslo heslo salasana losenord adgangskode passord jelszo"
    " sifre parole lozinka geslo fjalekalimi slaptazodis salasona parool kodeord katasandi matkhau sandi pasahitza contrasinal sinsima wordpress pasfhocal cyfrinair lykilord"
    " пароль пароля парол лозинка κωδικος συνθηματικο 密码 密碼 口令 パスワード 비밀번호 암호 รหัสผ่าน पासवर्ड সংকেত סיסמה كلمةالمرور كلمةالسر رمزعبور".split()
)
"""The word itself in other languages, as files of translations have it."""


_TECHNICAL: Final = re.compile(
    r"(?:base64|sha-?\d+|md[45]|utf-?8|pbkdf2|argon2\w*|bcrypt|scrypt|aes(?:-?\d*)(?:-?(?:gcm|cbc|ctr|ecb))?|rsa-?\d*|oauth2?|https?2?|ipv[46]|x\.?509|s3|ec2|python\d|rc4|rfc\d+|des3|ntlmv?2?|[vV]?\d+\+?|\d+-?(?:char|byte|bit|digit|letter|day|hour|minute|symbol|th|st|nd|x)[a-z]*)(?:[-_/.:+]\w*)*",
    re.IGNORECASE,
)
"""Names of algorithms, protocols and encodings; versions; numbers with a unit."""


def is_technical(value: str) -> bool:
    """Return whether a value is the name of an algorithm or encoding, a version or a number with a unit."""
    return _TECHNICAL.fullmatch(value) is not None


def is_harmless_name(name: str, value: str) -> bool:
    """Return whether a name says something about secrets and holds none, or is a file that grep has looked at."""
    return says_nothing(name) or (_FILE.search(name) is not None and _LINE.match(value) is not None)


@lru_cache(maxsize=1024)
def says_nothing(name: str) -> bool:
    """Return whether a name is of what is about secrets and holds none."""
    return _NAME.search(name) is not None


def is_harmless_value(value: str) -> bool:
    """Return whether a value is a number, version, licence, flag or name of code, a cipher, or is put in later."""
    return (
        _NUMBER.fullmatch(value) is not None
        or _VERSION.fullmatch(value) is not None
        or _ALGORITHM.fullmatch(value) is not None
        or _LICENSES.match(value) is not None
        or _FLAG.fullmatch(value) is not None
        or _IN_PLACE.fullmatch(value) is not None
        or _CIPHER.match(value) is not None
        or is_translated(value)
    )


def is_name(value: str) -> bool:
    """Return whether a value is made of words, as names of things are in code and configuration."""
    return (_WORDS.fullmatch(value) is not None or _CAMEL.fullmatch(value) is not None) and oddness(value) < _ODD


def is_name_of_secret(name: str, value: str) -> bool:
    """Return whether a value is the name under which a secret is kept, as Kubernetes refers to one."""
    return _REFERS.search(name) is not None and _OBJECT.fullmatch(value) is not None and oddness(value) < _ODD


def is_translated(value: str) -> bool:
    """Return whether a value only says *password* in some language."""
    plain = "".join(filter(str.isalpha, value)).lower()
    return plain in _TRANSLATED


def is_sealed(text: str, start: int, value: str) -> bool:
    """Return whether a value is one of a sealed secret, which only its cluster can open."""
    if _SEALED.match(value) is None:
        return False
    head = text[max(0, start - _SEALED_WITHIN) : start]
    return any(word in head for word in _SEALED_BY)
