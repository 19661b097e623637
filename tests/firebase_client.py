"""Sends one message with Google's own client to the double of Firebase and prints the answer.

Usage: firebase_client.py BASE_URL SERVICE_ACCOUNT_FILE. The test of the same name runs it.
"""

import json
import sys

from google.oauth2 import service_account
from googleapiclient.discovery import build

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


def main():
    base_url, file = sys.argv[1:]
    credentials = service_account.Credentials.from_service_account_file(file, scopes=[SCOPE])
    fcm = build(
        "fcm",
        "v1",
        credentials=credentials,
        client_options={"api_endpoint": base_url},
        static_discovery=True,
        cache_discovery=False,
    )
    message = {
        "token": "a-registration",
        "data": {"type": "sync"},
        # A name of the protocol buffers, which Google reads as well as collapseKey.
        "android": {"priority": "NORMAL", "collapse_key": "sync"},
    }
    body = {"message": message, "validateOnly": False}
    answer = fcm.projects().messages().send(parent=f"projects/{credentials.project_id}", body=body)
    print(json.dumps(answer.execute(num_retries=0)))


if __name__ == "__main__":
    main()
