"""GET URL with the library that is named first; exit code 0: status 200."""
import sys

library, url = sys.argv[1:]
if library == "urllib":
    import urllib.request

    status = urllib.request.urlopen(url).status
elif library == "requests":
    import requests

    status = requests.get(url).status_code
elif library == "httpx":
    import httpx

    status = httpx.get(url).status_code
else:
    sys.exit(f"unknown library {library}")
sys.exit(0 if status == 200 else f"status {status}")
