"""Tokens and passwords that standards print as examples: who copies one from there gives nothing away."""
# ruff: noqa: E501, SIM905 -- a table

from typing import Final

PUBLISHED: Final = frozenset(
    # RFC 5849 (OAuth 1.0)
    "dpf43f3p2l4k3l03 kd94hf93k423kf44 hh5s93j4hdidpola hdhd0244k9j7ao03 hfdp7dh39dks9884 nnch734d00sl2jdk pfkkdhi9sl3r4s00"
    " 9djdj82h48djs9d2 j49sk3j29djd kkk9d7dh3k39sjv7 dh893hdasih9 jd83jd92dhsh93js ja893SD9 7d8f3e4a ad180jjd733klru7 0685bd9184jfhq22"
    # RFC 6749, 6750, 7009, 7523, 7636, 7662 (OAuth 2.0)
    " 2YotnFZFEjr1zCsicMWpAA tGzv3JOkF0XG5Qx2TlKWIA SplxlOBeZQQYbYS6WxSbIA 7Fjfp0ZBr1KtDRbnfVdmIw gX1fBat3bV A3ddj3w"
    " czZCaGRSa3F0MzpnWDFmQmF0M2JW czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3 vF9dft4qmT mF_9.B5f-4.1JqM 45ghiukldjahdnhzdauz h480djs93hd8"
    " dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk E9Melhoa2OwvFrEMTJGuCHaoeK1t8URWbuGJSstw-cM SlAV32hkKG 8xLOxBtZp8".split()
)
