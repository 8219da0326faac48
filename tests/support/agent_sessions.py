"""Sessions of coding agents, made up: code, diffs, logs, lock files, git history, configs, stack traces, SQL, fixtures.

All of it is harmless, and full of what looks like something else: hashes, ids, versions, authors' addresses,
placeholders. The same seed gives the same sessions.
"""

# ruff: noqa: E501 -- texts are read more easily unbroken

import base64
import json
import random
from collections.abc import Iterator

NAMES = ["ann lee", "bob ray", "carla diaz", "dmitri ivanov", "eve moore", "farid khan", "grace hopper", "hiro tanaka"]
HOSTS = ["gmail.com", "users.noreply.github.com", "redhat.com", "google.com", "kernel.org", "outlook.com", "company.io"]
WORDS = [
    "parser",
    "client",
    "server",
    "token",
    "cache",
    "router",
    "config",
    "schema",
    "handler",
    "worker",
    "queue",
    "index",
    "model",
    "user",
    "order",
    "invoice",
]
PACKAGES = [
    "react",
    "lodash",
    "webpack",
    "eslint",
    "typescript",
    "vite",
    "axios",
    "express",
    "jest",
    "rollup",
    "esbuild",
    "zod",
]


class Session:
    """One conversation."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)

    def hex(self, digits: int) -> str:
        return f"{self.r.getrandbits(4 * digits):0{digits}x}"

    def b64(self, size: int) -> str:
        return base64.b64encode(self.r.randbytes(size)).decode()

    def word(self) -> str:
        return self.r.choice(WORDS)

    def uuid(self) -> str:
        return f"{self.hex(8)}-{self.hex(4)}-4{self.hex(3)}-a{self.hex(3)}-{self.hex(12)}"

    def address(self) -> str:
        name = self.r.choice(NAMES)
        return f"{name.title()} <{name.replace(' ', self.r.choice('._'))}@{self.r.choice(HOSTS)}>"

    def version(self) -> str:
        return ".".join(str(self.r.randrange(40)) for _ in range(3))

    def time(self) -> str:
        r = self.r
        return f"2026-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}T{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}"

    def git_log(self) -> str:
        commits = [
            f"commit {self.hex(40)}\nAuthor: {self.address()}\nDate:   Mon Nov {self.r.randrange(1, 29)} 12:{self.r.randrange(60):02}:07 2026 +0100\n\n"
            f"    fix({self.word()}): handle empty {self.word()} (#{self.r.randrange(1, 9999)})\n\n    Signed-off-by: {self.address()}\n"
            + (f"    Co-authored-by: {self.address()}\n" if self.r.random() < 0.4 else "")
            for _ in range(self.r.randrange(2, 6))
        ]
        return "\n".join(commits)

    def git_other(self) -> str:
        return self.r.choice(
            [
                f"{self.hex(7)} (HEAD -> main, origin/main) fix {self.word()}\n{self.hex(7)} add {self.word()}\n{self.hex(9)} wip",
                f"origin\tgit@github.com:acme/{self.word()}.git (fetch)\norigin\thttps://github.com/acme/{self.word()}.git (push)",
                f"{self.hex(8)} ({self.r.choice(NAMES).title()} {self.time().replace('T', ' ')} +0200 {self.r.randrange(400)}) def {self.word()}():",
                f"On branch feature/{self.word()}\nnothing to commit\nYour branch is ahead of 'origin/main' by {self.r.randrange(9)} commits.",
            ]
        )

    def diff(self) -> str:
        a, b = self.word(), self.word()
        return (
            f"diff --git a/src/{a}.py b/src/{a}.py\nindex {self.hex(7)}..{self.hex(7)} 100644\n--- a/src/{a}.py\n+++ b/src/{a}.py\n"
            f"@@ -{self.r.randrange(99)},{self.r.randrange(9)} +{self.r.randrange(99)},7 @@ class {a.title()}:\n"
            f"-    def __init__(self, {b}, token=None):\n+    def __init__(self, {b}, token: str | None = None, api_key: str = ''):\n"
            f"+        self.password = os.environ['{a.upper()}_PASSWORD']\n+        self.token = token or settings.{b}_token\n"
        )

    def code(self) -> str:
        a, b, n = self.word(), self.word(), self.r.randrange(2, 9999)
        return self.r.choice(
            [
                f"def {a}_{b}({a}: str, password: str, limit: int = {n}) -> None:\n    key = ('{a}', {a}.id)\n    for token in tokenize({a}):\n        if token.type == 'string':\n            secrets[{b}] = token.value\n    return {a}.get(key)\n",
                f"const {a}Key = `${{user.id}}:${{{b}}}`;\nconst token = await getToken({{ audience: '{b}', expiresIn: {n} }});\nlocalStorage.setItem('{a}_token', token.accessToken);\n",
                f'func New{a.title()}(cfg *Config) (*{a.title()}, error) {{\n\tsecretKey := cfg.SecretKey\n\tif secretKey == "" {{\n\t\treturn nil, errors.New("missing secret key")\n\t}}\n\treturn &{a.title()}{{key: secretKey, port: {n}}}, nil\n}}\n',
                f"class {a.title()}Form(forms.Form):\n    password = forms.CharField(widget=forms.PasswordInput)\n    email = forms.EmailField(required=False)\n    phone_number = forms.CharField(max_length={n})\n    csrf_token = None\n",
                f'private static final String PASSWORD_FIELD = "password";\nprivate final String apiKey = System.getenv("{a.upper()}_API_KEY");\npublic static final long serialVersionUID = {self.r.getrandbits(62)}L;\n',
                f"let hash = \"{self.hex(64)}\";\nlet color = '#{self.hex(6)}'; const PI = 3.14159265358979; // {n}\nexpect(sum([{', '.join(str(self.r.randrange(10**4)) for _ in range(12))}])).toBe({n});\n",
            ]
        )

    def fixture(self) -> str:
        a = self.r.choice(NAMES).split()[0]
        return self.r.choice(
            [
                f"user = User(name='{a}', email='{a}@example.com', password='password123')\nassert user.email == \"{a}@example.com\"\n",
                "client.login(username='admin', password='secret')\nresponse = client.post('/login', data={'email': 'test@test.com', 'password': 'test'})\n",
                "it('rejects', () => { expect(validate('user@example.com', 'changeme')).toBe(false); });\nAPI_KEY = 'your-api-key-here'\n",
                f"headers = {{'Authorization': 'Bearer <token>', 'X-Request-Id': '{self.uuid()}'}}\nphone = '555-0100'\n",
                f'{{"id": "{self.uuid()}", "created": {self.r.randrange(10**9, 2 * 10**9)}, "amount": {self.r.randrange(10**6)}, "etag": "{self.hex(32)}"}}',
            ]
        )

    def log(self) -> str:
        return "\n".join(
            f"{self.time()}.{self.r.randrange(1000):03}Z {self.r.choice(['INFO', 'WARN', 'ERROR'])} [{self.word()}] request_id={self.uuid()} trace={self.hex(32)} span={self.hex(16)}"
            f" client=10.0.{self.r.randrange(255)}.{self.r.randrange(255)}:{self.r.randrange(1024, 65535)} took={self.r.randrange(9999)}ms ts={self.r.randrange(10**12, 2 * 10**12)} bytes={self.r.randrange(10**9)} user_id={self.r.randrange(10**8)}"
            for _ in range(self.r.randrange(5, 30))
        )

    def trace(self) -> str:
        frames = "".join(
            f'  File "/home/dev/app/{self.word()}/{self.word()}.py", line {self.r.randrange(900)}, in {self.word()}_{self.word()}\n    return self.{self.word()}({self.word()}, key={self.word()})\n'
            for _ in range(self.r.randrange(3, 8))
        )
        return f"Traceback (most recent call last):\n{frames}KeyError: '{self.word()}'\nobject at 0x{self.hex(12)}\n"

    def lock(self) -> str:
        return "".join(
            f'    "node_modules/{self.r.choice(PACKAGES)}-{self.word()}": {{\n      "version": "{self.version()}",\n      "resolved": "https://packages.example/{self.word()}/-/{self.word()}-{self.version()}.tgz",\n      "integrity": "sha512-{self.b64(64)}",\n      "engines": {{"node": ">={self.version()}"}}\n    }},\n'
            for _ in range(self.r.randrange(4, 15))
        ) + "".join(
            f"{self.r.choice(PACKAGES)}=={self.version()} \\\n    --hash=sha256:{self.hex(64)}\n" for _ in range(5)
        )

    def config(self) -> str:
        a = self.word()
        return self.r.choice(
            [
                f"services:\n  {a}:\n    image: registry.local/{a}:{self.version()}@sha256:{self.hex(64)}\n    environment:\n      POSTGRES_PASSWORD: ${{POSTGRES_PASSWORD}}\n      DATABASE_URL: postgres://postgres:postgres@localhost:5432/{a}\n    ports: ['127.0.0.1:{self.r.randrange(1024, 9999)}:80']\n",
                f"env:\n  TOKEN: ${{{{ secrets.GITHUB_TOKEN }}}}\n  - name: API_KEY\n    valueFrom:\n      secretKeyRef:\n        name: {a}-secrets\n        key: api-key\nuses: actions/checkout@{self.hex(40)} # v4\n",
                f"[{a}]\nsecret_key = changeme\ntoken_ttl = {self.r.randrange(9999)}\nauth_url = https://auth.example.com/oauth/token\nmax_tokens = {self.r.randrange(9999)}\npassword_min_length = 12\n",
                f'resource "aws_{a}" "main" {{\n  arn = "arn:aws:iam::{self.r.randrange(10**11, 10**12)}:role/{a}"\n  password = var.db_password\n  cidr = "10.{self.r.randrange(255)}.0.0/16"\n}}\n',
                f'{{"name": "{a}", "version": "{self.version()}", "author": "{self.address()}", "license": "MIT", "scripts": {{"test": "jest --token-limit={self.r.randrange(99)}"}}}}',
            ]
        )

    def sql(self) -> str:
        a = self.word()
        rows = ",\n".join(
            f"  ({self.r.randrange(10**6)}, '{self.uuid()}', {self.r.random() * 1000:.2f}, '{self.time()}')"
            for _ in range(8)
        )
        return f"CREATE TABLE {a}s (id BIGINT PRIMARY KEY, token_hash CHAR(64) NOT NULL, email TEXT, phone VARCHAR(20));\nINSERT INTO {a}s VALUES\n{rows};\nSELECT password_hash FROM users WHERE email = $1;\n"

    def shell(self) -> str:
        a = self.word()
        return self.r.choice(
            [
                f"dev@laptop:~/src/{a}$ make test\n{self.r.randrange(999)} passed, {self.r.randrange(9)} skipped in {self.r.random() * 90:.2f}s\n",
                f"$ ls -la\ndrwxr-xr-x  12 dev dev     {self.r.randrange(9999)} Nov 22 12:{self.r.randrange(60):02} {a}\n-rw-r--r--   1 dev dev {self.r.randrange(10**9)} Nov  2 2026 {a}.bin\n",
                f"$ docker ps\nCONTAINER ID   IMAGE\n{self.hex(12)}   {a}:{self.version()}   0.0.0.0:{self.r.randrange(9999)}->80/tcp\n$ kubectl get pods\n{a}-{self.hex(10)}-x7k2p   1/1   Running\n",
                f'$ curl -s http://localhost:8080/api/{a}?page={self.r.randrange(99)} -H \'Authorization: Bearer $TOKEN\'\n{{"next": "{self.b64(18)}"}}\n',
                f"$ pytest -k {a}\n"
                + "".join(
                    f"tests/test_{self.word()}.py::test_{self.word()}_{self.r.randrange(99)} PASSED [{n * 10:3}%]\n"
                    for n in range(1, 11)
                ),
            ]
        )

    def minified(self) -> str:
        names = "".join(
            f"function {self.r.choice('abcdefg')}(t,e){{return t[{self.r.randrange(999)}]^e<<{self.r.randrange(31)}}}"
            for _ in range(20)
        )
        return f"!{names}\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,{self.b64(120)}\n.icon{{background:url(data:image/png;base64,iVBORw0KGgo{self.b64(90)})}}"

    def table(self) -> str:
        return (
            "\n".join(" ".join(f"{self.r.randrange(10**4):4}" for _ in range(10)) for _ in range(10))
            + "\n"
            + ", ".join(f"{self.r.random()}" for _ in range(12))
        )

    def say(self) -> str:
        a, b = self.word(), self.word()
        return self.r.choice(
            [
                f"Please refactor the {a} so that the {b} is passed in, and add tests.",
                f"The {a} test fails on line {self.r.randrange(900)}: the token is never refreshed. Can you fix it?",
                f"Where do we validate the password in {a}.py? I want it at least 12 characters.",
                f"I looked at the {a}. The key is the user id and the value is a {b}; the secret comes from the environment.",
            ]
        )

    def turns(self, count: int) -> Iterator[dict]:
        makers = [self.git_log, self.git_other, self.diff, self.code, self.code, self.fixture, self.log, self.trace, self.lock,
                  self.config, self.sql, self.shell, self.minified, self.table]  # fmt: skip
        for number in range(count // 4):
            yield {"role": "user", "content": self.say()}
            arguments = json.dumps({"command": f"cat src/{self.word()}.py", "new_text": self.code(), "id": self.uuid()})
            call = {
                "id": f"call_{self.hex(24)}",
                "type": "function",
                "function": {"name": "edit", "arguments": arguments},
            }
            yield {"role": "assistant", "content": None, "tool_calls": [call]}
            yield {"role": "tool", "tool_call_id": call["id"], "content": self.r.choice(makers)()}
            yield {"role": "assistant", "content": f"Done ({number}). " + self.r.choice(makers)()}
