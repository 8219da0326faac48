"""Identity numbers of Asia, each with the words of the languages that they are spoken of in."""
# ruff: noqa: E501 -- tables

from gateway.sensitivity.ids import checks
from gateway.sensitivity.near import Shape

_CHINA = Shape(r"[1-9]\d{5}[ -]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d[ -]?\d{3}[\dXx]", checks.dated(10))
_CHINA_OLD = Shape(r"[1-9]\d{7}[01]\d[0-3]\d{4}", checks.dated(8))
_HONG_KONG = Shape(r"[A-Z]{1,2}\d{6} ?(?:\([\dA]\)|[\dA](?!\)))", checks.hong_kong)
_TAIWAN = Shape(r"[A-Z][A-D1289]\d{8}", checks.taiwan)
_MACAO = Shape(r"[1578]/?\d{6}(?:/?\d(?!\))|\(\d\))")
_PERMIT = Shape(r"(?:[HMCWKT]|[A-Z]{2})\d{7,10}|\d{8}(?:\d\d)?")
_COMPANY = Shape(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", checks.has_digit)
_SINGAPORE = Shape(r"[STFGM]\d{7}[A-Z]")
_KOREA = Shape(r"\d{6} ?-? ?[1-8]\d{6}", checks.dated(2))
_JAPAN = Shape(r"\d{4}[ -]?\d{4}[ -]?\d{4}", checks.japan)
_AADHAAR = Shape(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", checks.library("in_.aadhaar"))
_PAN = Shape(r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]")
_NIK = Shape(r"\d{2}[ .]?\d{4}[ .]?\d{6}[ .]?\d{4}")
_VIETNAM = Shape(r"0\d{2} ?\d{3} ?\d{3} ?\d{3}|\d{9}")
_THAI = Shape(r"[1-8][ -]?\d{4}[ -]?\d{5}[ -]?\d\d[ -]?\d", checks.library("th.pin"))
_MALAY = Shape(r"\d{6}-?\d\d-?\d{4}", checks.dated(2))
_EMIRATES = Shape(r"784[ -]?(?:19|20)\d\d[ -]?\d{7}[ -]?\d")
_SAUDI = Shape(r"[12]\d{9}", checks.luhn_of_all)
_ARABIC = Shape(r"\d{9,15}")
_ISRAEL = Shape(r"\d{8}-?\d|\d{7,8}", checks.library("il.idnr"))
_TURKEY = Shape(r"[1-9]\d{2} ?\d{3} ?\d{3} ?\d{2}", checks.library("tr.tckimlik"))
_PAKISTAN = Shape(r"[1-7]\d{4}[ -]?\d{7}[ -]?\d")
_IRAN = Shape(r"\d{3}-?\d{6}-?\d")

ASIA: tuple[tuple[tuple[str, ...], tuple[Shape, ...]], ...] = (
    # (words, as people of the country write them and in English; the shapes that they may stand for)
    (
        ("身份证", "身份證", "身分證", "身分证", "公民身份", "居民身份", "居民证", "证件号", "證件號", "公民号", "resident id", "citizen id", "chinese id", "china id"),
        (_CHINA, _CHINA_OLD, _HONG_KONG, _TAIWAN, _MACAO, _SINGAPORE, _PERMIT, Shape(r"0\d{11}|\d{9}")),
    ),
    (("社会信用代", "社會信用代", "信用代", "税号", "稅號", "纳税人识别", "营业执照", "credit code", "uscc", "unified social"), (_COMPANY,)),
    (
        ("回乡证", "回鄉證", "通行证", "通行證", "台胞证", "台胞證", "居住证", "居住證", "travel permit", "home return permit"),
        (_CHINA, _PERMIT),
    ),
    (("社保", "社會保障", "社会保障", "医保"), (_CHINA, Shape(r"\d{3}-\d{2}-\d{4}|\d{9,12}|[A-Z]\d{8}"))),
    (("hkid", "hong kong id", "hong kong identity", "香港身"), (_HONG_KONG,)),
    (("澳门", "澳門", "macau id", "macao id", "macau resident", "macao resident", "bir no"), (_MACAO,)),
    (("統一編號", "居留證", "统一编号", "居留证", "身分証", "taiwan id", "taiwanese id", "taiwan national", "tw id"), (_TAIWAN, Shape(r"\d{8}", checks.library("tw.ubn")))),
    (
        ("주민등록", "주민번호", "외국인등록", "외국인번호", "등록번호", "주민", "rrn", "resident registration", "korean id", "korea id", "alien registration", "foreigner registration", "foreigner no"),
        (_KOREA, Shape(r"\d{3}-\d{2}-\d{5}", checks.library("kr.brn"))),
    ),
    (("사업자",), (Shape(r"\d{3}-?\d{2}-?\d{5}", checks.library("kr.brn")),)),
    (("운전면허",), (Shape(r"\d{2}-?\d{2}-?\d{6}-?\d{2}"),)),
    (
        ("マイナンバ", "個人番号", "個人番號", "my ?number", "mynumber", "individual number", "法人番号"),
        (_JAPAN, Shape(r"\d{13}", checks.library("jp.cn"))),
    ),
    (("免許証", "運転免許"), (Shape(r"\d{12}"),)),
    (("在留カ", "residence card"), (Shape(r"[A-Z]{2}\d{8}[A-Z]{2}"),)),
    (("年金番号", "基礎年金", "保険者番号", "被保険者", "社会保障番号", "保険証"), (Shape(r"\d{4}-?\d{6}|\d{8,10}"),)),
    (("aadhaar", "aadhar", "adhaar", "आधार", "ஆதார்", "ఆధార్", "আধার", "uidai", "uid number"), (_AADHAAR, Shape(r"\d{16}", checks.library("in_.vid")))),
    (("pan", "pan[ -]?(?:card|number|no)", "पैन", "permanent account"), (_PAN,)),
    (("gstin", "gst (?:no|number)"), (Shape(r"\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]"),)),
    (("epic no", "voter", "मतदाता"), (Shape(r"[A-Z]{3}\d{7}"),)),
    (("nric", "fin", "singapore id", "sg id", "identity card", "ic (?:no|number)"), (_SINGAPORE, _MALAY)),
    (("nik", "ktp", "nomor induk", "kartu tanda", "no\\.? ktp", "indonesian? id"), (_NIK,)),
    (("npwp",), (Shape(r"\d{2}\.?\d{3}\.?\d{3}\.?\d-?\d{3}\.?\d{3}|\d{16}"),)),
    (("cccd", "căn cước", "cmnd", "chứng minh", "định danh", "citizen id", "vietnam\\w* id"), (_VIETNAM,)),
    (("ประชาชน", "เลขประจำตัว", "บัตรประจำตัว", "thai id", "thai national", "thai citizen", "thailand id"), (_THAI,)),
    (("mykad", "kad pengenalan", "no\\. ?kp", "malaysian? ic", "malaysian? id"), (_MALAY,)),
    (("هوية", "الإماراتية", "emirates id", "emirati id", "uae id", "eid (?:no|number)"), (_EMIRATES, _SAUDI, _ARABIC)),
    (("إقامة", "الإقامة", "iqama", "saudi id", "saudi national", "ksa id", "الوطني", "القومي", "المدني", "الوطنية", "civil id", "qatar id", "egypt\\w* id"), (_EMIRATES, _SAUDI, _ARABIC)),
    (("תעודת זהות", "ת\\.ז", 'ת"ז', "מספר זהות", "teudat zehut", "israeli? id"), (_ISRAEL,)),
    (("kimlik", "tckn", "t\\.c\\.", "tc no", "turkish id", "turkey id"), (_TURKEY,)),
    (("cnic", "nicop", "شناختی", "pakistani? id"), (_PAKISTAN,)),
    (("کد ملی", "شماره ملی", "iranian id", "melli code"), (_IRAN,)),
)  # fmt: skip
