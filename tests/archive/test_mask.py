import pytest

from archive.mask import Mask, Secret, echoes, refuse_userinfo, without_userinfo

TOKEN = Mask(query=("token",))


def test_a_request_without_secrets_is_left_alone() -> None:
    request = b"POST /a?b=c HTTP/1.1\r\nHost: a\r\nX-Cookie: d\r\nNot-Authorization: e\r\nApi-Keys: f\r\n\r\nCookie: f"
    assert TOKEN.request(request) == (request, ())


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Cookie",
            "cookie",
            "Authorization",
            "PROXY-AUTHORIZATION",
            "X-Api-Key",
            "api-key",
            "X-ApiKey",
            "X-Auth-Token",
        ),
        *(
            "Access-Token",
            "X-Access-Key",
            "X-CSRF-Token",
            "Private-Token",
            "X-Goog-Api-Key",
            "X-Amz-Security-Token",
        ),
    ],
)
def test_secret_headers_are_masked_and_named_in_any_case(name: str) -> None:
    masked = Mask().request(f"GET / HTTP/1.1\r\n{name}:  geheim=1; b\r\nHost: a\r\n\r\n".encode())
    assert masked.data == f"GET / HTTP/1.1\r\n{name}:  masked\r\nHost: a\r\n\r\n".encode()
    assert masked.secrets == (Secret(name.lower(), b"geheim=1; b"),)
    assert masked.names == (name.lower(),)


def test_repeated_and_folded_secret_headers_are_masked_whole() -> None:
    masked = Mask().request(
        b"GET / HTTP/1.1\r\nCookie: a=1111;\r\n b=2222\r\nCookie: c=3333\r\nHost: d\r\n\r\n"
    )
    assert masked.data == b"GET / HTTP/1.1\r\nCookie: masked\r\nCookie: masked\r\nHost: d\r\n\r\n"
    assert masked.names == ("cookie",)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (b"/a?token=geheim", b"/a?token=masked"),
        (b"/a?b=1&token=geheim&c=2", b"/a?b=1&token=masked&c=2"),
        (b"/a?b=1&amp;token=geheim&amp;c=2", b"/a?b=1&amp;token=masked&amp;c=2"),
        (b"/a?b=1;token=geheim;c=2", b"/a?b=1;token=masked;c=2"),
        (b"/a#token=geheim", b"/a#token=masked"),
        (b"/a?TOKEN=geheim", b"/a?TOKEN=masked"),
        (b"/a?token=geheim&token=geheim", b"/a?token=masked&token=masked"),
        (b"GET /a?token=geheim HTTP/1.1", b"GET /a?token=masked HTTP/1.1"),
        (b"/b?to=https%3A%2F%2Fa%2F%3Ftoken%3Dgeheim", b"/b?to=https%3A%2F%2Fa%2F%3Ftoken%3Dmasked"),
        (b'{"url":"https://a/?token=geheim","b":1}', b'{"url":"https://a/?token=masked","b":1}'),
        (b'{"url":"https://a/?b\\u0026token=geheim"}', b'{"url":"https://a/?b\\u0026token=masked"}'),
        (b"<a href='/?token=geheim'>", b"<a href='/?token=masked'>"),
        (b"token=geheim&b=1", b"token=masked&b=1"),
    ],
)
def test_listed_parameters_are_masked_wherever_a_text_shows_them(text: bytes, masked: bytes) -> None:
    found = TOKEN.text(text)
    assert found.data == masked
    assert {secret.name for secret in found.secrets} == {"query:token"}
    assert TOKEN.text(masked) == (masked, ())


@pytest.mark.parametrize(
    "text", [b"/a?tokens=1", b"/a?mytoken=1", b"/a?token", b"/a?token=&b", b"/token=1", b"a token = 1"]
)
def test_what_is_no_listed_parameter_is_left_alone(text: bytes) -> None:
    assert TOKEN.text(text) == (text, ())


def test_names_with_special_characters_are_found_in_both_spellings() -> None:
    mask = Mask(query=("auth[key]", "ключ"))
    assert mask.text(b"/?auth[key]=geheim&a=1").data == b"/?auth[key]=masked&a=1"
    assert mask.text(b"/?auth%5Bkey%5D=geheim").data == b"/?auth%5Bkey%5D=masked"
    assert mask.text("/?ключ=geheim".encode()).names == ("query:ключ",)
    assert mask.text(b"/?%D0%BA%D0%BB%D1%8E%D1%87=geheim").names == ("query:ключ",)


def test_a_longer_name_is_not_taken_for_a_shorter_one() -> None:
    assert Mask(query=("key", "key2")).text(b"?key2=aaaa&key=bbbb").names == ("query:key", "query:key2")


def test_a_form_is_masked_like_a_url() -> None:
    masked = TOKEN.request(b"POST / HTTP/1.1\r\nContent-Length: 18\r\n\r\ntoken=geheim&b=1\r\n")
    assert masked.data.endswith(b"\r\n\r\ntoken=masked&b=1\r\n")


def test_a_url_is_masked_or_refused() -> None:
    assert TOKEN.url("https://a.example/путь?token=geheim") == "https://a.example/путь?token=masked"
    with pytest.raises(ValueError, match="take it out of the URL") as caught:
        TOKEN.url("https://me:geheim@a.example/")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://me@a.example/", "https://:pw@a.example", "http://me:p%40w@a.example:8080/x", "ftp://me:pw@a/"],
)
def test_a_user_or_password_in_a_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="carries a user or password"):
        refuse_userinfo(url)


@pytest.mark.parametrize(
    "url", ["https://a.example/@name", "https://a.example/?mail=a@b", "https://a.example/#@", "urn:a:b@c"]
)
def test_an_at_sign_elsewhere_is_no_password(url: str) -> None:
    refuse_userinfo(url)


def test_passwords_in_text_are_masked() -> None:
    text = b'see "https://me:pw@a.example/x" and http://b@c.example, not https://d.example/@e or a@b'
    masked = b'see "https://masked@a.example/x" and http://masked@c.example, not https://d.example/@e or a@b'
    assert without_userinfo(text) == masked


@pytest.mark.parametrize(
    ("secret", "body"),
    [
        (Secret("query:token", b"geheim"), b"<p>geheim</p>"),
        (Secret("query:token", b"ge%20heim"), b"<p>ge heim</p>"),
        (Secret("query:token", b"ge+/heim"), b"?next=ge%2B%2Fheim"),
        (Secret("authorization", b"Bearer abcdef"), b"you sent abcdef"),
        (Secret("cookie", b"lang=ru; sid=krumel"), b"session krumel"),
    ],
)
def test_a_body_that_repeats_a_secret_is_told(secret: Secret, body: bytes) -> None:
    assert echoes(body, [secret, Secret("cookie", b"a=unrelated")]) == (secret.name,)


@pytest.mark.parametrize(
    ("secret", "body"),
    [
        (Secret("query:token", b"geheim"), b"nothing of it"),
        (Secret("query:page", b"2"), b"page 2 of 3"),
        (Secret("authorization", b"Basic YTpi"), b"a basic and Basic thing"),
        (Secret("cookie", b""), b"anything"),
    ],
)
def test_a_body_without_it_or_a_value_too_short_to_tell_is_not(secret: Secret, body: bytes) -> None:
    assert echoes(body, [secret]) == ()
