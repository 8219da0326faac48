"""Passwords that a sentence tells are found in many languages; sentences about passwords are left alone."""
# ruff: noqa: RUF001 -- signs of other scripts

import pytest
from support.detecting import found

from gateway.sensitivity.detectors.secret import Secret

SENTENCES = {
    "en": "The password for the staging db is {}, but login fails.",
    "de": "Das Passwort für den Testserver lautet {}, trotzdem kommt 401.",
    "es": "La contraseña del servidor es {} y no me deja entrar",
    "pt": "A senha do banco é {} e não funciona",
    "fr": "Le mot de passe du serveur est {}, ça ne marche pas",
    "ru": "Пароль от базы: {}, не подключается",
    "zh": "数据库密码是{}，连不上",
    "zh, a label": "密码：{}",
    "ja": "管理者パスワードは{}ですがログインできません",
    "ko": "비밀번호: {}",
    "ar": "كلمة المرور هي {} ولا تعمل",
    "hi": "पासवर्ड {} है",
    "tr": "Şifre: {} giriş yapılamıyor",
    "vi": "Mật khẩu là {} nhưng không vào được",
    "id": "Kata sandi server adalah {} tapi gagal",
    "pl": "Hasło to {}",
    "a chat": "lena: user sftp_acme / pass {}",
    "a network": "Guest wifi: SSID Acme-Guest, key {}",
}


@pytest.mark.parametrize("sentence", SENTENCES.values(), ids=SENTENCES)
@pytest.mark.parametrize("password", ["Sommer#2025", "v7Kq2mZx9L!"])
def test_it_is_found(sentence, password):
    assert any(each in password and len(each) > 8 for each in found(Secret, sentence.format(password)))


@pytest.mark.parametrize(
    "sentence",
    [
        "My password is too weak and I keep forgetting it. What password manager would you pick?",
        "Wie ändere ich mein Passwort in Outlook? Das Kennwort muss acht Zeichen haben.",
        "The password is hashed with SHA-256 and stored as base64.",
        "The password length is 12 characters or more; password hashing uses argon2id.",
        "Your password is expired. Passwords must contain 8 characters.",
        "密码是必填项。密码长度不能少于8位",
        "パスワードを忘れた場合はこちら",
        "Tests pass on python3.12; pass the flag x86_64-linux to it.",
    ],
)
def test_a_sentence_that_tells_none_is_left_alone(sentence):
    assert found(Secret, sentence) == []
