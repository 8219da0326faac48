"""Passwords that people choose are found wherever nothing else can stand."""

import pytest
from support.detecting import found

from gateway.sensitivity.detectors.secret import Secret
from gateway.sensitivity.passwords import is_password

PLACES = {
    "a properties file": "spring.datasource.username=app\nspring.datasource.password={}\nserver.port=8080",
    "an argument of a call": "connect(host='db', user='etl', password='{}', dbname='prod')",
    "an element of XML": "<user>app</user><password>{}</password>",
    "an attribute of XML": '<bean user="app" password="{}" url="jdbc:x"/>',
    "YAML": "database:\n  user: app\n  password: {}\n  pool: 5",
    "a file of variables": "APP_ENV=prod\nDB_PASSWORD={}\nDB_HOST=db",
    "SQL": "CREATE USER app IDENTIFIED BY '{}';",
    "SQL of PostgreSQL": "ALTER USER app WITH PASSWORD '{}';",
    "curl": "curl -u deploy:{} https://nexus.acme.io/repo",
    "a login of Docker": "docker login -u ci -p {} registry.acme.io",
    "a line of .netrc": "machine git.acme.io login bot password {}",
    "lines of .netrc": "machine git.acme.io\n  login bot\n  password {}\n",
    "a line of .pgpass": "db.acme.io:5432:prod:etl:{}",
    "a connection string of ODBC": "Driver={{SQL Server}};Server=x;Uid=etl;Pwd={};",
    "a connection string of ADO": "Server=tcp:x,1433;User ID=etl;Password={};Encrypt=True;",
    "a connection string of JDBC": "jdbc:mysql://db:3306/prod?user=etl&password={}&useSSL=true",
    "an address": "postgres://etl:{}@db.acme.io:5432/prod",
    "a login in Java": 'DriverManager.getConnection("jdbc:mysql://db/prod", "app", "{}");',
    "a login in PHP": "$db = new mysqli('db', 'app', '{}', 'prod');",
    "sshpass": "sshpass -p '{}' ssh root@web01",
}
CHOSEN = ["Sommer2025!", "Monsoon_2026", "hunter42", "Tr0ub4dor", "kaffee-tasse-mond7"]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("chosen", CHOSEN)
def test_it_is_found(place, chosen):
    assert chosen in found(Secret, place.format(chosen))


@pytest.mark.parametrize("first", "!@#%&*+=-~^")
def test_a_variable_may_be_set_to_a_password_with_any_first_sign(first):
    assert any("ab12CD34ef" in each for each in found(Secret, f"DB_PASSWORD={first}ab12CD34ef"))


def test_an_address_may_hold_a_password_with_a_slash_but_a_port_is_none():
    assert found(Secret, "postgres://etl:gVXrSj/NS7Hl5@db.acme.io:5432/prod") == ["gVXrSj/NS7Hl5"]
    assert found(Secret, "https://registry.acme.io:4873/@types/node@20.1.0") == []


@pytest.mark.parametrize(
    "value",
    ["$DB_PASSWORD", "${VAR}", "{{ .Values.x }}", "%PASS%", "get_pass()", "password", "changeme", "0x4f", "string"],
)
def test_what_stands_for_one_is_none(value):
    assert not is_password(value, literal=True)


def test_names_of_code_are_none_unless_only_a_value_can_stand_there():
    assert not is_password("settings.DB_PASS", literal=False)
    assert is_password("dragonfly", literal=True)
    assert not is_password("dragonfly", literal=False)
