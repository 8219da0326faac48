"""Identity, tax and social numbers of Europe, each with the words of the languages that they are spoken of in."""
# ruff: noqa: E501, RUF001 -- tables of words in several scripts

from gateway.sensitivity.ids import checks
from gateway.sensitivity.near import Shape

_PERSON_DE = Shape(r"[0-9CFGHJKLMNPRTVWXYZ]{9}\d?(?:D)?", checks.has_digit)
_PENSION_DE = Shape(r"\d{2} ?[0-3]\d[01]\d{3} ?[A-Z] ?\d{2} ?\d")
_TAX_DE = Shape(r"\d{2} ?\d{3} ?\d{3} ?\d{3}", checks.library("de.idnr"))
_SOCIAL_AT = Shape(r"\d{4}[ -]?\d{6}", checks.library("at.vnr"))
_AHV = Shape(r"756\.?\d{4}\.?\d{4}\.?\d{2}")
_NIR = Shape(r"[12] ?\d\d ?[01]\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d")
_SNILS = Shape(r"\d{3}[- ]?\d{3}[- ]?\d{3}[- ]?\d{2}", checks.russia)
_INN = Shape(r"\d{10}(?:\d{2})?", checks.library("ru.inn"))
_ELEVEN = Shape(r"\d{11}")

EUROPE: tuple[tuple[tuple[str, ...], tuple[Shape, ...]], ...] = (
    (("personalausweis", "ausweisnummer", "ausweis-?nr", "perso-?nr", "german id", "germany id", "id card"), (_PERSON_DE,)),
    (("sozialversicherung", "rentenversicherung", "sv-?nummer", "sv-?nr", "svnr", "rvnr", "versicherungsnummer", "social security", "social insurance"), (_PENSION_DE, _SOCIAL_AT, _AHV, _NIR)),
    (("steuer-?id", "steueridentifikation", "steuer-identifikation", "idnr", "steuerliche identifikation", "german tax", "tax id"), (_TAX_DE,)),
    (("steuernummer", "steuer-?nr"), (Shape(r"\d{2,3}[/ ]?\d{3}[/ ]?\d{4,5}"),)),
    (("ahv", "avs", "ahv-?n", "ahv-?nummer"), (_AHV,)),
    (("sécurité sociale", "numéro de sécu", "securite sociale", "nir", "insee", "carte vitale"), (_NIR,)),
    (("numéro fiscal", "numero fiscal", "spi"), (Shape(r"[0-3]\d \d{2} \d{3} \d{3} \d{3}|[0-3]\d{12}"),)),
    (("carte (?:nationale )?d'identité", "cni"), (Shape(r"\d{12}|[A-Z0-9]{9}", checks.has_digit),)),
    (("codice fiscale", "cod\\. ?fisc"), (Shape(r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]"), _ELEVEN)),
    (("partita iva", "p\\. ?iva"), (Shape(r"(?:IT)?\d{11}"),)),
    (("carta d'identità", "carta d'identita"), (Shape(r"[A-Z]{2} ?\d{5} ?[A-Z0-9]{2}|[A-Z]{2}\d{7}"),)),
    (("dni", "nif", "nie", "documento de identidad", "spanish id"), (Shape(r"[XYZ]?-?\d{1,2}\.?\d{3}\.?\d{3}-?[A-Z]"),)),
    (("contribuinte", "nif", "portuguese tax"), (Shape(r"\d{3} ?\d{3} ?\d{3}", checks.library("pt.nif")),)),
    (("cartão de cidadão", "cartao de cidadao"), (Shape(r"\d{8} ?-?\d ?[A-Z]{2}\d"),)),
    (("bsn", "burgerservice", "sofinummer"), (Shape(r"\d{4}\.?\d{2}\.?\d{3}|\d{3} \d{3} \d{3}", checks.library("nl.bsn")),)),
    (("pesel",), (_ELEVEN,)),
    (("nip",), (Shape(r"\d{3}-?\d{3}-?\d{2}-?\d{2}|\d{3}-\d{2}-\d{2}-\d{3}", checks.library("pl.nip")),)),
    (("dowód", "dowod", "dowodu"), (Shape(r"[A-Z]{3} ?\d{6}"),)),
    (("rodné číslo", "rodne cislo", "rodného čísla", "birth number", "r\\.č"), (Shape(r"\d{6}/?\d{3,4}"),)),
    (("személyi", "személyi szám", "taj", "adóazonosító"), (Shape(r"\d[ -]?\d{6}[ -]?\d{4}|\d{3}[ -]?\d{3}[ -]?\d{3}|\d{10}"),)),
    (("cnp", "cod numeric personal"), (Shape(r"[1-9]\d{12}"),)),
    (("personnummer", "personnr", "samordningsnummer", "pnr", "personal number", "personal identity number"), (Shape(r"(?:19|20)?\d{6}[-+]?\d{4}", checks.library("se.personnummer")), Shape(r"\d{6} ?\d{5}"))),
    (("fødselsnummer", "fodselsnummer", "fnr", "d-nummer"), (Shape(r"\d{6} ?\d{5}"),)),
    (("cpr", "cpr-?nummer", "cpr-?nr"), (Shape(r"[0-3]\d[01]\d{3}[- ]?\d{4}"),)),
    (("henkilötunnus", "hetu", "personbeteckning"), (Shape(r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-Y]"),)),
    (("isikukood", "asmens kodas", "personas kods", "personal code"), (_ELEVEN, Shape(r"\d{6}-\d{5}"))),
    (("emso", "emšo", "jmbg", "јмбг", "maticni broj", "матични"), (Shape(r"\d{13}"),)),
    (("oib",), (_ELEVEN,)),
    (("егн", "egn"), (Shape(r"\d{10}", checks.library("bg.egn")),)),
    (("αφμ", "α.φ.μ", "afm"), (Shape(r"\d{9}", checks.library("gr.vat")),)),
    (("αμκα", "α.μ.κ.α", "amka"), (_ELEVEN,)),
    (("αδτ", "ταυτότητα", "αριθμός ταυτότητας"), (Shape(r"[A-ZΑ-Ω]{1,2}[ -]?\d{6}"),)),
    (("снилс", "snils", "пенсионн"), (_SNILS, _ELEVEN)),
    (("инн", "inn", "іпн", "рнокпп", "rnokpp", "taxpayer"), (_INN, Shape(r"\d{10}", checks.library("ua.rntrc")))),
    (("иин", "жсн", "iin"), (Shape(r"\d{12}"),)),
    (("паспорт", "удостоверение личности"), (Shape(r"\d{2} ?\d{2} ?(?:N ?|No ?|№ ?)?\d{6}|[A-Z]{2} ?\d{6,7}|\d{9}"),)),
    (("nino", "national insurance", "ni (?:no|number)"), (Shape(r"[A-CEGHJ-PRSTW-Z][A-CEGHJ-NPRSTW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]"),)),
    (("nhs",), (Shape(r"\d{3}[ -]?\d{3}[ -]?\d{4}", checks.library("gb.nhs")),)),
    (("pps", "ppsn"), (Shape(r"\d{7}[A-W][A-IW]?"),)),
    (("rijksregister", "registre national", "national register", "niss"), (Shape(r"\d\d\.?\d\d\.?\d\d-?\d{3}\.?\d\d"),)),
)  # fmt: skip
