"""Addresses that only we can reach, in every form that a resolver takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import InvalidRequest
from gateway.wire.remote import is_private, refuse_private, remote_urls, trouble

OURS = [
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0X7F.1", "017700000001", "0177.0.0.1", "0x7f.0.0.1"),
    *("10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "2852039166", "100.64.0.1", "0.0.0.0", "0"),
    *("255.255.255.255", "224.0.0.1", "::1", "[::1]", "::", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe"),
    *("fe80::1%eth0", "fd00:ec2::254", "2002:7f00:1::", "64:ff9b::7f00:1", "::127.0.0.1", "fc00::1", "ff02::1"),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "foo.internal", "metadata.google.internal"),
    *("db.ns.svc", "db.ns.svc.cluster.local", "printer.local", "intranet", "kubernetes", "x.lan"),
    *("127.0.0.1.nip.io", "127%2e0%2e0%2e1", "999999999999", "1.2.3.4.5", "08.1.1.300", "0x7g.1"),
    "\uff11\uff12\uff17.0.0.1",
    "127\u30020\u30020\u30021",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
]
THEIRS = [
    *("example.com", "a.b.example.com.", "8.8.8.8", "134744072", "2606:4700::1111", "64:ff9b::808:808"),
    "internal.example.com",
]


@pytest.mark.parametrize("host", OURS)
def test_an_address_of_ours_is_reported_in_any_form(host):
    assert is_private(host)


@pytest.mark.parametrize("host", THEIRS)
def test_a_public_one_is_not(host):
    assert not is_private(host)


@given(st.text(max_size=30))
def test_anything_can_be_asked(text):
    is_private(text)
    assert trouble(text) is not None or text[:4].lower() == "http"


@pytest.mark.parametrize(
    "url",
    [
        "http://a.com\\@127.0.0.1/",
        "http://good.example@127.0.0.1/",
        "http://user:pw@example.com/",
        "http://127.0.0.1:99999/",
        "http://[::1",
        "http://[::1]/",
        "http:///x",
        "https://exa mple.com",
        "https://example.com/\n",
        "HTTP://127.0.0.1",
        "//127.0.0.1/x",
        "file:///etc/passwd",
        "/etc/passwd.png",
        "gopher://example.com",
        "ftp://example.com/a.png",
        "",
    ],
)
def test_a_url_that_may_not_be_fetched(url):
    assert trouble(url)


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png?b=http://127.0.0.1", "http://example.com:8080", "HTTPS://EXAMPLE.COM"]
)
def test_a_url_that_may(url):
    assert trouble(url) is None


def image(url):
    return {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]}


METADATA = "http://169.254.169.254/latest"


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        (image(METADATA), "messages[0].content[0].image_url.url"),
        ({"messages": [{"content": [{"image_url": METADATA}]}]}, "messages[0].content[0].image_url"),
        (
            {"messages": [{"content": [{"type": "video_url", "video_url": {"url": METADATA}}]}]},
            "messages[0].content[0].video_url.url",
        ),
        (
            {"messages": [{"content": [{"type": "image", "source": {"type": "url", "url": METADATA}}]}]},
            "messages[0].content[0].source.url",
        ),
        (
            {"messages": [{"content": [{"type": "tool_result", "content": [{"source": {"url": METADATA}}]}]}]},
            "messages[0].content[0].content[0].source.url",
        ),
        ({"input": [{"content": [{"type": "input_image", "image_url": METADATA}]}]}, "input[0].content[0].image_url"),
        ({"mcp_servers": [{"url": METADATA}]}, "mcp_servers[0].url"),
        ({"messages": [{"x-secret": {"image_url": METADATA}}]}, "messages[0].*.image_url"),
    ],
)
def test_every_place_that_a_server_fetches_from_is_checked_and_reported_without_the_address(tree, path):
    assert list(remote_urls(tree)) == [(path, METADATA)]
    with pytest.raises(InvalidRequest) as caught:
        refuse_private(tree)
    assert path in caught.value.message
    assert "169.254" not in caught.value.message


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"messages": "text"},
        image("data:image/png;base64,AAAA"),
        image("https://example.com/a.png"),
        {"messages": [{"content": "see http://169.254.169.254/ and image_url"}]},
        {"messages": [{"content": [{"type": "tool_use", "input": {"image_url": METADATA}}]}]},
        {"messages": [{"url": METADATA}]},
        {"tools": [{"image_url": METADATA}], "metadata": {"image_url": METADATA}},
        image({"deep": METADATA}),
        image(7),
    ],
)
def test_text_and_data_are_not_addresses_to_fetch(tree):
    assert all(trouble(url) is None for _, url in remote_urls(tree))
    assert refuse_private(tree) is None
