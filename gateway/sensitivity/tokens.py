"""Keys and tokens by the shapes that their vendors document: a fixed prefix, an alphabet, a length."""
# ruff: noqa: E501 -- a table

from typing import Final

W = "A-Za-z0-9"
U = "A-Za-z0-9_-"
H = "0-9a-f"

TOKENS: Final[tuple[tuple[str, str, int, int], ...]] = (
    # (prefix as a pattern of a fixed length, alphabet after it, least, most; 0: no end)
    ("sk-ant-", U, 20, 0), ("sk-proj-", U, 20, 0), ("sk-svcacct-", U, 20, 0), ("sk-admin-", U, 20, 0), ("sk-or-v1-", H, 32, 0),
    ("sk-", U, 20, 0), ("gwk_", f"{W}_-", 48, 0),
    ("(?:AKIA|ASIA|ABIA|ACCA)", "A-Z2-7", 16, 16), ("(?:AROA|AIDA|AGPA|ANPA|ANVA)", "A-Z2-7", 16, 17), ("gh[pousr]_", W, 36, 0), ("github_pat_", "A-Za-z0-9_", 40, 0),
    ("glpat-", U, 20, 0), ("gldt-", U, 20, 0), ("glrt-", U, 20, 0),
    ("xox[abeoprst]-", "A-Za-z0-9-", 10, 0), ("xapp-", "A-Za-z0-9-", 20, 0), ("xoxe\\.xox[bp]-", "A-Za-z0-9-", 20, 0),
    ("hooks\\.slack\\.com/services/", f"{W}/", 30, 0), ("hooks\\.slack\\.com/workflows/", f"{W}/", 30, 0),
    ("api/webhooks/", f"{W}/_-", 40, 0), ("[rs]k_live_", W, 16, 0), ("[rs]k_test_", W, 20, 0),
    ("whsec_", f"{W}+/", 24, 0), ("AIza", U, 35, 35), ("GOCSPX-", U, 24, 0), ("ya29\\.", U, 20, 0), ("1//0", U, 30, 0),
    ("hf_", W, 30, 0), ("npm_", W, 36, 36), ("pypi-AgE", U, 40, 0), ("rubygems_", H, 40, 0), ("dckr_pat_", U, 20, 0),
    ("dckr_oat_", U, 20, 0), ("SG\\.[A-Za-z0-9_-]{22}\\.", U, 20, 0), ("key-", H, 32, 32), ("xkeysib-", "0-9a-f-", 64, 0),
    ("shp(?:at|ca|pa|ss)_", "0-9a-fA-F", 32, 32), ("sq0(?:atp|csp)-", U, 22, 0), ("EAAA", U, 56, 0), ("S[ACNOUX]", "A-Z2-7", 56, 56), ("aio_", W, 28, 28), ("jina_", W, 40, 0), ("fc-", H, 32, 32),
    ("tkn\\.v1_", f"{W}_+/=-", 40, 0), ("[rs]k_prod_", W, 20, 0), ("ABSKQmVkcm9ja", f"{W}+/=", 40, 0), ("outlook\\.office\\.com/webhook/", f"{W}@/-", 60, 0), ("dop_v1_", H, 64, 64),
    ("doo_v1_", H, 64, 64), ("dor_v1_", H, 64, 64), ("hvs\\.", U, 24, 0), ("hvb\\.", U, 24, 0), ("[sbr]\\.", W, 24, 0),
    ("atlasv1\\.", U, 60, 0), ("\\.atlasv1\\.", U, 60, 0), ("dapi", H, 32, 0), ("dp\\.pt\\.", W, 40, 0), ("dp\\.st\\.", f"{W}._-", 40, 0),
    ("lin_api_", W, 40, 0), ("lin_oauth_", H, 32, 0), ("ntn_", W, 40, 0), ("secret_", W, 43, 43), ("figd_", U, 40, 0),
    ("PMAK-", "0-9a-f-", 59, 59), ("pul-", H, 40, 40), ("glsa_", "A-Za-z0-9_", 40, 0), ("glc_", f"{W}+/=", 32, 0),
    ("NRAK-", "A-Z0-9", 27, 27), ("NRII-", U, 32, 32), ("NRJS-", H, 19, 19), ("sntrys_", f"{W}+/=_", 40, 0), ("sntryu_", H, 64, 64),
    ("sgp_", f"{W}_", 40, 0), ("tfp_", W, 40, 0), ("sbp_", W, 40, 0), ("sb_secret_", U, 20, 0), ("pscale_(?:tkn|pwd)_", "A-Za-z0-9._=-", 32, 0),
    ("pscale_oauth_", "A-Za-z0-9._=-", 32, 0), ("vercel_", W, 24, 0), ("rnd_", W, 32, 32), ("FlyV1 fm", f"{W}_+/=,-", 40, 0),
    ("fo1_", U, 40, 0), ("HRKU-", U, 36, 0), ("CFPAT-", U, 40, 0), ("AGE-SECRET-KEY-1", "A-Z0-9", 58, 58), ("pat[A-Za-z0-9]{14}\\.", H, 64, 64),
    ("pat-na1-", "0-9a-f-", 36, 36), ("pat-eu1-", "0-9a-f-", 36, 36), ("AC", H, 32, 32), ("SK", H, 32, 32), ("PKDEMO", "A-Z0-9", 14, 14),
    ("LTAI", W, 16, 20), ("AKID", W, 32, 32), ("AKCp", W, 69, 69), ("tk-us-", U, 40, 0),
    ("r8_", W, 37, 0), ("gsk_", W, 48, 0), ("pplx-", W, 40, 0), ("xai-", W, 60, 0), ("nvapi-", U, 50, 0),
    ("co_api_", W, 32, 0), ("tvly-", U, 28, 0), ("ATATT3", "A-Za-z0-9_=+/-", 60, 0), ("ATCTT3", "A-Za-z0-9_=+/-", 60, 0), ("ATBB", W, 28, 0),
    ("BBDC-", f"{W}+@_-", 40, 0), ("sqp_", H, 40, 40), ("squ_", H, 40, 40), ("sqa_", H, 40, 40), ("ops_eyJ", f"{W}+/=", 100, 0),
    ("rpa_", W, 40, 0), ("phc_", W, 40, 0), ("phx_", "A-Za-z0-9_", 36, 0), ("access_token\\$production\\$", "0-9a-z$", 40, 0), ("duffel_(?:test|live)_", U, 40, 0),
    ("EZ[AT]K", W, 54, 54), ("shippo_(?:test|live)_", W, 40, 40), ("FLWSECK-", W, 32, 0), ("FLWSECK_TEST-", W, 32, 0),
    ("rdme_", W, 60, 0), ("SL\\.", U, 60, 0), ("sl\\.", U, 100, 0), ("dt0c01\\.", f"{W}.", 80, 0),
    ("pnu_", W, 36, 0), ("oy2", "a-z0-9", 43, 43), ("CLOJARS_", H, 60, 60), ("API-", "A-Z0-9", 25, 0),
    ("mfa\\.", U, 80, 0), ("zpka_", W, 32, 0), ("bkua_", H, 40, 40), ("CCIPAT_", f"{W}_", 40, 0), ("sha256~", U, 43, 43),
    ("A3-", "A-Z0-9-", 30, 0),
    ("tgp_v1_", U, 36, 0), ("fw_", W, 22, 0), ("csk-", W, 40, 0), ("sk_", H, 48, 48), ("pa-", U, 40, 0), ("lsv2_(?:pt|sk)_", "0-9a-f_", 40, 0),
    ("sk-lf-", "0-9a-f-", 36, 36), ("pcsk_", f"{W}_", 40, 0), ("key_", H, 60, 0), ("tpuf_", W, 24, 0), ("gloas-", H, 64, 64), ("glptt-", H, 40, 40),
    ("glcbt-", U, 20, 0), ("glft-", U, 20, 0), ("glsoat-", U, 20, 0), ("glimt-", U, 20, 0), ("glagent-", U, 40, 0), ("glffct-", U, 20, 0), ("glwt-", U, 20, 0),
    ("GR1348941", U, 20, 0), ("api_org_", W, 30, 0), ("AQ\\.", U, 36, 0), ("IQoJb3JpZ2lu", f"{W}+/=", 60, 0), ("F[Qw]oGZXIvYXdz", f"{W}+/=", 60, 0),
    ("bedrock-api-key-", f"{W}+/=", 60, 0), ("dose", H, 32, 32), ("vc[akipr]_", W, 50, 0), ("cfut_", W, 40, 0), ("cfat_", W, 40, 0), ("cfk_", W, 40, 0),
    ("v1\\.0-[0-9a-f]{24}-", H, 100, 0), ("dp\\.sa\\.", W, 36, 0), ("dp\\.ct\\.", W, 36, 0), ("dp\\.scim\\.", W, 36, 0), ("dp\\.audit\\.", W, 36, 0), ("hvr\\.", U, 24, 0),
    ("RWRTY0Iy", f"{W}+/=", 100, 0), ("MII[CEJ][A-Za-z0-9+/]{2}IBA", f"{W}+/", 40, 0), ("MHcCAQEE", f"{W}+/", 40, 0), ("MIGHAgEAMBMG", f"{W}+/", 40, 0),
    ("b3BlbnNzaC1rZXktdjE", f"{W}+/", 40, 0), ("sl\\.u\\.", U, 60, 0), ("AQE[a-z]hm", f"{W}+/=._-", 50, 0), ("EAA", W, 60, 0), ("fio-u-", U, 40, 0), ("eyJrIjoi", f"{W}+/=", 40, 0), ("WPL_AP1\\.", f"{W}._=+/-", 16, 0),
    ("re_[A-Za-z0-9]{8}_", W, 20, 0), ("sbp_v0_", H, 40, 40), ("sbp_oauth_", H, 40, 0), ("open\\.feishu\\.cn/open-apis/bot/v2/hook/", U, 30, 0),
    ("open\\.larksuite\\.com/open-apis/bot/v2/hook/", U, 30, 0), ("qyapi\\.weixin\\.qq\\.com/cgi-bin/webhook/send\\?key=", "0-9a-f-", 36, 0),
    ("webhook\\.office\\.com/webhookb2/", f"{W}@/-", 60, 0), ("sk\\.eyJ", f"{W}_.-", 40, 0), ("BBFF-", W, 30, 0), ("hooks\\.zapier\\.com/hooks/catch/", f"{W}/", 12, 0),
    ("tk\\.eyJ", f"{W}_.-", 40, 0), ("eyJ0eXAiOiAiVENWMiJ9\\.", f"{W}_.-", 30, 0), ("1000\\.[0-9a-f]{32}\\.", H, 32, 32), ("tines\\.com/webhook/[0-9a-f]{32}/", H, 32, 32),
)  # fmt: skip
"""Written from the vendors' own pages on the form of their keys."""
