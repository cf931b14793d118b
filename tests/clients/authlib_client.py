"""Authlib over requests, as a confidential application in Python. usage: authlib_client.py ISSUER < demo line"""

import json
import os
import secrets
import sys

# Authlib's own switch for a server on plain HTTP; ours is on loopback.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from person import Person


def refused(word, what, call):
    try:
        call()
    except AuthlibBaseError as refusal:
        assert refusal.error == word, f"{what}: {refusal}"
        assert refusal.description, f"{what}: no error_description"
    else:
        raise AssertionError(f"{what} was not refused")


def get(url):
    answer = requests.get(url, timeout=20)
    answer.raise_for_status()
    return answer.json()


def read_id_token(metadata, app, token, nonce):
    """As Authlib's own integrations do it; they need a web framework around them."""
    registry = JWSRegistry(algorithms=metadata["id_token_signing_alg_values_supported"], strict_check_header=False)
    read = jwt.decode(token["id_token"], key=KeySet.import_key_set(get(metadata["jwks_uri"])), registry=registry)
    options = {"iss": {"values": [metadata["issuer"]]}, "aud": {"essential": True, "value": app["client_id"]}}
    expected = {"nonce": nonce, "client_id": app["client_id"], "access_token": token["access_token"]}
    claims = CodeIDToken(read.claims, read.header, options, expected)
    claims.validate(leeway=0)
    return claims


def main(issuer, told):
    metadata = get(f"{issuer}/.well-known/openid-configuration")
    assert metadata["issuer"] == issuer, metadata["issuer"]

    def key(wanted):
        return next(key for key in told["keys"] if key["kind"] == "confidential" and wanted(key))

    app = key(lambda key: "authorization_code" in key["grant_types"])
    who = next(account for account in told["accounts"] if account["type"] == "Member")
    person = Person(who["login"], who["password"])

    def session(method="client_secret_basic"):
        return OAuth2Session(
            app["client_id"],
            app["client_secret"],
            scope="openid profile email",
            redirect_uri=app["redirect_uri"],
            code_challenge_method="S256",
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
        )

    for method in ("client_secret_basic", "client_secret_post"):
        client = session(method)
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        address, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
        landing = person.approves(address, app["redirect_uri"])
        token = client.fetch_token(
            metadata["token_endpoint"], authorization_response=landing, state=state, code_verifier=verifier
        )
        assert token["expires_in"] == 86400, token["expires_in"]
        claims = read_id_token(metadata, app, token, nonce)

        def userinfo():
            return client.get(metadata["userinfo_endpoint"], timeout=20)

        info = userinfo()
        assert info.status_code == 200, info.text
        assert info.json()["sub"] == claims["sub"]
        assert info.json()["email"], "scope email: email"

        before = token["refresh_token"]
        after = client.refresh_token(metadata["token_endpoint"], refresh_token=before)
        assert after["refresh_token"] != before, "the refresh token rotates"
        assert userinfo().status_code == 200

        # One access token alone can be taken back, and the application goes on.
        gone = client.revoke_token(metadata["revocation_endpoint"], after["access_token"], "access_token")
        assert gone.status_code == 200, gone.text
        assert userinfo().status_code == 401, "userinfo with a revoked access token"
        last = client.refresh_token(metadata["token_endpoint"], refresh_token=after["refresh_token"])
        assert userinfo().status_code == 200, "userinfo after a refresh"

        gone = client.revoke_token(metadata["revocation_endpoint"], last["refresh_token"], "refresh_token")
        assert gone.status_code == 200, gone.text
        assert userinfo().status_code == 401, "userinfo after the refresh token was revoked"
        refused(
            "invalid_grant",
            "a revoked refresh token",
            lambda: client.refresh_token(metadata["token_endpoint"], refresh_token=last["refresh_token"]),
        )
        print(f"  {method}")

    reader = key(lambda key: "client_credentials" in key["grant_types"])
    desk = OAuth2Session(reader["client_id"], reader["client_secret"])
    token = desk.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    seen = desk.introspect_token(metadata["introspection_endpoint"], token["access_token"]).json()
    assert seen["active"] is True, seen
    unknown = desk.introspect_token(metadata["introspection_endpoint"], "nothing").json()
    assert unknown == {"active": False}, unknown
    print("ok authlib")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1], json.loads(sys.stdin.readline()))
