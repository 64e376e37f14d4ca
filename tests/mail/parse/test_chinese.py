"""Short Chinese mails without a declared charset."""

import pytest

from otklik.mail.parse import charset, chinese

SIMPLIFIED = [
    "你好", "打印机坏了", "请求退款", "服务器宕机", "快递三天没到，帮忙看看", "发票抬头写错了怎么办",
    "手机收不到验证码",
    "Order 4711: 请问什么时候可以发货？", "您好，请帮我重置密码，谢谢",
]  # fmt: skip
TRADITIONAL = [
    "你好", "印表機壞了", "伺服器當機", "快遞三天沒到，幫忙看看", "發票抬頭寫錯了怎麼辦", "手機收不到驗證碼",
    "Order 4711: 請問什麼時候可以出貨？", "您好，請幫我重設密碼，謝謝",
]  # fmt: skip
OTHERS = {
    "euc_kr": ["안녕하세요 비밀번호를 잊었습니다", "감사합니다"],
    "cp932": ["パスワードを忘れました", "会議室予約"],
    "euc_jp": ["パスワードを忘れました", "東京都港区"],
    "cp1252": ["Können Sie bitte prüfen? Schöne Grüße", "ÄÖÜ ÄÖÜß", "façade déjà vu œuvre"],
    "cp1250": ["Příliš žluťoučký kůň"],
    "cp1253": ["Καλημέρα σας"],
    "cp874": ["สวัสดีครับ ลืมรหัสผ่าน"],
    "koi8_r": ["Здравствуйте, не могу войти", "СРОЧНО ПОМОГИТЕ", "нет"],
    "cp1251": ["Здравствуйте", "НЕТ ДОСТУПА", "Ёлка"],
}


@pytest.mark.parametrize("label", ["", "us-ascii", "iso-8859-1", "x-unknown"])
@pytest.mark.parametrize(("codec", "text"), [
    *(("gb18030", text) for text in SIMPLIFIED), *(("big5", text) for text in TRADITIONAL),
])  # fmt: skip
def test_a_few_characters_tell_the_charset(codec: str, text: str, label: str) -> None:
    assert charset.decode(text.encode(codec), label) == text


@pytest.mark.parametrize(("codec", "text"), [(codec, text) for codec, texts in OTHERS.items() for text in texts])
def test_what_is_written_in_another_script_is_no_chinese(codec: str, text: str) -> None:
    assert chinese.charset_of(text.encode(codec)) is None


def test_a_sample_that_ends_within_a_character_is_read() -> None:
    assert chinese.charset_of("您好，请帮我重置密码".encode("gb18030")[:-1]) == "gb18030"
    assert chinese.charset_of(b"\xff\xff" + "您好".encode("gb18030")) is None and chinese.charset_of(b"") is None
