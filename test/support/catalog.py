"""The catalog's HTTP/JSON interface."""

import requests

SECONDS = 30


class Catalog:
    """One client of the catalog at `url`; each call returns the requests.Response."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        self.session.trust_env = False

    def request(self, method, path, **kwargs):
        return self.session.request(method, self.url + path, timeout=SECONDS, **kwargs)

    def register(self, name, fingerprint="f1", objects=(), row_count=None, **kwargs):
        body = {"name": name, "schema_fingerprint": fingerprint, "objects": list(objects)}
        if row_count is not None:
            body["row_count"] = row_count
        return self.request("POST", "/v1/datasets", json=body, **kwargs)

    def get(self, name, **kwargs):
        return self.request("GET", f"/v1/datasets/{name}", **kwargs)

    def drop(self, name):
        return self.request("DELETE", f"/v1/datasets/{name}")

    def undrop(self, name):
        return self.request("POST", f"/v1/datasets/{name}:undrop")

    def page(self, **parameters):
        return self.request("GET", "/v1/datasets", params=parameters)

    def datasets(self, **parameters):
        """Every dataset, page by page."""
        found = []
        token = None
        while True:
            response = self.page(**parameters, **({"page_token": token} if token else {}))
            assert response.status_code == 200, response.text
            body = response.json()
            found += body["datasets"]
            token = body.get("next_page_token")
            if not token:
                return found


def error_code(response):
    return response.json()["error"]["code"]


def objects(*keys, size=1):
    return [{"key": key, "size": size} for key in keys]
