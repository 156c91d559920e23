"""Accounts of a Salesforce org, with a token of the broker and Python's standard library alone.

SFJWT_BROKER=/run/sfjwt/broker.sock python3 accounts.py nightly
"""

import base64
import hashlib
import http.client
import json
import os
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


def token(profile: str, refused: str | None = None) -> dict:
    """The present token; another one than `refused`, which Salesforce turned away."""
    headers = {}
    if refused is not None:
        digest = hashlib.sha256(refused.encode()).digest()
        headers["Sfjwt-Refused-Token"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    connection = SocketConnection(os.environ["SFJWT_BROKER"])
    connection.request("GET", f"/v1/token/{urllib.parse.quote(profile)}", headers=headers)
    answer = json.load(connection.getresponse())
    if "accessToken" not in answer:
        raise SystemExit(f"{answer['message']} [{answer['code']}]")
    return answer


def query(profile: str, soql: str) -> list[dict]:
    """Asks once more, and never twice, where the token is turned away."""
    given = token(profile)
    for attempt in range(2):
        url = f"{given['instanceUrl']}/services/data/v67.0/query?{urllib.parse.urlencode({'q': soql})}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {given['accessToken']}"})
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)["records"]
        except urllib.error.HTTPError as error:
            if error.code != 401 or attempt == 1:
                raise
            given = token(profile, refused=given["accessToken"])
    raise AssertionError("unreachable")


for record in query(sys.argv[1], "SELECT Name FROM Account ORDER BY Name"):
    print(record["Name"])
