"""Identity, tax and social numbers of the Americas, Africa and Oceania, with the words of their languages."""
# ruff: noqa: E501 -- tables

from gateway.sensitivity.ids import checks
from gateway.sensitivity.near import Shape

_CPF = Shape(r"\d{3}\.?\d{3}\.?\d{3}[-. ]?\d{2}", checks.library("br.cpf"))
_CNPJ = Shape(r"[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?\d{2}", checks.brazil_company)

ELSEWHERE: tuple[tuple[tuple[str, ...], tuple[Shape, ...]], ...] = (
    (("cpf", "cadastro de pessoa", "brazilian id"), (_CPF,)),
    (("cnpj", "cadastro nacional"), (_CNPJ,)),
    (("registro geral", "rg:", "rg n", "carteira de identidade"), (Shape(r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dXx]"),)),
    (("cnh", "título de eleitor", "titulo de eleitor", "pis", "nis", "pasep"), (Shape(r"\d{11,12}|\d{3}\.\d{5}\.\d{2}-\d"),)),
    (("curp", "clave única", "clave unica"), (Shape(r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d"),)),
    (("rfc", "registro federal"), (Shape(r"[A-Z&]{3,4}-?\d{6}-?[A-Z0-9]{3}", checks.library("mx.rfc")),)),
    (("nss", "imss"), (Shape(r"\d{11}"),)),
    (("cuit", "cuil"), (Shape(r"\d{2}-?\d{8}-?\d"),)),
    (("dni", "documento nacional", "cédula", "cedula", "documento de identidad", "c\\.c\\."), (Shape(r"\d{1,3}(?:\.\d{3}){2,3}|\d{7,10}|\d-?\d{3}-?\d{3,6}"),)),
    (("rut", "rol único", "rol unico"), (Shape(r"\d{1,2}\.?\d{3}\.?\d{3}-?[\dKk]", checks.library("cl.rut")),)),
    (("nit:", "nit n", "c\\. ?c\\."), (Shape(r"\d{3}\.?\d{3}\.?\d{3}-?\d", checks.library("co.nit")),)),
    (("ruc",), (Shape(r"\d{11}|\d{13}"),)),
    (("sin", "nas", "social insurance", "assurance sociale"), (Shape(r"\d{3}[ -]?\d{3}[ -]?\d{3}", checks.library("ca.sin")),)),
    (("tfn", "tax file"), (Shape(r"\d{3} ?\d{3} ?\d{2,3}", checks.library("au.tfn")),)),
    (("medicare",), (Shape(r"[2-6]\d{3} ?\d{5} ?\d(?: ?[/-]? ?\d)?", checks.medicare),)),
    (("ird",), (Shape(r"\d{2,3}-?\d{3}-?\d{3}", checks.library("nz.ird")),)),
    (("sa id", "south african? id", "id (?:no|number)", "identity number", "rsa id"), (Shape(r"\d{6} ?\d{4} ?[01][89]\d", checks.library("za.idnr")),)),
    (("nin", "bvn"), (Shape(r"\d{11}"),)),
    (("ghana card",), (Shape(r"GHA-?\d{9}-?\d"),)),
)  # fmt: skip
